#!/usr/bin/env bash
# make sbom: the bill of materials, CycloneDX, of what the image has: the package and its locked dependencies, installed.
# $1: the venv with requirements.txt of this folder. $2: the file to write. $3: a venv that has it all; else one is made.
set -euo pipefail
tools=$(realpath "$1")/bin
out=$(realpath -m "$2")
cd "$(dirname "$0")/../.."
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

if [ $# -lt 3 ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$tools/python" -m build --wheel --outdir "$work" . >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
    "$tools/python" -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --require-hashes --only-binary :all: -r requirements.lock
    "$work/venv/bin/pip" install --quiet --no-index --no-deps "$work"/*.whl
    "$work/venv/bin/pip" uninstall --quiet --yes pip setuptools
    set -- "$1" "$2" "$work/venv"
fi
mkdir -p "$(dirname "$out")"
"$tools/cyclonedx-py" environment --pyproject pyproject.toml --output-reproducible --validate --output-file "$out" \
    "$3/bin/python"

# What it names is what the lock names, the package apart, which is its subject; and each has a licence. The tool does
# not know the version of a package that pyproject.toml leaves to the build.
version=$("$3/bin/python" -c 'from importlib.metadata import version; print(version("enforcer"))')
"$tools/python" - "$out" requirements.lock "$version" <<'PYTHON'
import json
import re
import sys

bill = json.load(open(sys.argv[1], encoding="utf-8"))
lines = re.findall(r"^([A-Za-z0-9._-]+)==([^ \\]+)", open(sys.argv[2], encoding="utf-8").read(), re.MULTILINE)
locked = {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in lines}
named = {(re.sub(r"[-_.]+", "-", part["name"]).lower(), part["version"]) for part in bill["components"]}
bare = sorted(part["name"] for part in bill["components"] if not part.get("licenses"))
subject = bill["metadata"]["component"]
if named != locked or bare or subject["name"] != "enforcer":
    sys.exit(f"{subject}: not locked {sorted(named - locked)}, missing {sorted(locked - named)}, no licence {bare}")
subject |= {"version": sys.argv[3], "purl": f"pkg:pypi/enforcer@{sys.argv[3]}"}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(bill, file, indent=2)
print(f"{sys.argv[1]}: {len(named)} components of enforcer {sys.argv[3]}, as locked")
PYTHON
