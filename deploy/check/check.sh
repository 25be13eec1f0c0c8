#!/usr/bin/env bash
# make deploy-check: what the manifests, the image, the locked dependencies and the package are held to by tools of others.
# $1: the venv with requirements.txt of this folder, made by the Makefile.
set -euo pipefail
tools=$(realpath "$1")/bin
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

say() { printf '\n== %s\n' "$*"; }

say "Kubernetes: each overlay renders and fits the schemas of 1.31 and of the newest version known"
for overlay in deploy/kubernetes/overlays/*/; do
    kubectl kustomize "$overlay" >"$work/manifests.yaml"
    "$tools/kubernetes-validate" --strict --kubernetes-version 1.31 "$work/manifests.yaml"
    "$tools/kubernetes-validate" --strict "$work/manifests.yaml"
done
"$tools/yamllint" --strict -d '{extends: relaxed, rules: {line-length: {max: 130}}}' deploy policies

say "Metrics, alerts and their tests: promtool"
promtool=$(command -v promtool || true)
if [ -z "$promtool" ]; then # Debian's, unpacked and not installed
    (cd "$work" && apt-get -qq download prometheus && dpkg -x prometheus_*.deb prometheus)
    promtool=$work/prometheus/usr/bin/promtool
fi
"$promtool" check rules deploy/prometheus/alerts.yaml
"$promtool" test rules deploy/prometheus/alerts_test.yaml
for sample in tests/samples/reports/*.prom; do "$promtool" check metrics <"$sample"; done

say "Container: hadolint"
"$tools/hadolint" deploy/container/Dockerfile

say "Code: bandit"
"$tools/bandit" --quiet --recursive --severity-level medium -c pyproject.toml enforcer

say "Package: two builds are one, and twine takes them"
for build in one two; do
    "$tools/python" -m build --outdir "$work/$build" . >"$work/build.log" || { cat "$work/build.log"; exit 1; }
done
(cd "$work/one" && sha256sum ./*.whl ./*.tar.gz) | (cd "$work/two" && sha256sum --check)
"$tools/twine" check --strict "$work/one"/*

say "Container: its steps in a fresh venv, with every dependency held to its hash; its bill of materials"
"$tools/python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --require-hashes --only-binary :all: -r requirements.lock
"$work/venv/bin/pip" install --quiet --no-index --no-deps "$work"/one/*.whl
"$work/venv/bin/pip" check
"$work/venv/bin/pip" uninstall --quiet --yes pip setuptools
deploy/check/sbom.sh "$(dirname "$tools")" "$work/enforcer.cdx.json" "$work/venv"
chmod -R a-w "$work/venv"
HOME="$work" PYTHONDONTWRITEBYTECODE=1 "$work/venv/bin/enforcer" demo >"$work/demo.log" 2>&1 || { cat "$work/demo.log"; exit 1; }
chmod -R u+w "$work/venv"
"$tools/python" -m venv "$work/build-venv"
"$work/build-venv/bin/pip" install --quiet --require-hashes --only-binary :all: -r requirements-build.lock
"$work/build-venv/bin/hatchling" build -t wheel -d "$work/three" >/dev/null 2>&1
cmp "$work"/one/*.whl "$work"/three/*.whl

say "All is well."
