"""The image's recipe, and the locked dependencies that it and everyone else installs."""

import re
import sys
import tomllib
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from enforcer.reports import html

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-build.lock": PROJECT["build-system"]["requires"],
}
RECIPE = (ROOT / "deploy" / "container" / "Dockerfile").read_text().replace("\\\n", "")
LAST_STAGE = RECIPE[RECIPE.rindex("\nFROM ") :]


def locked(name):
    """Return the version of each package of a lock, and how many hashes it has."""
    items = re.findall(
        r"^([\w.-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", (ROOT / name).read_text(), re.MULTILINE
    )
    return {canonicalize_name(package): (version, hashes.count("sha256:")) for package, version, hashes in items}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_nothing_but_versions_with_hashes(name):
    kinds = [
        line
        for line in (ROOT / name).read_text().splitlines()
        if not re.match(r"    (--hash=|# via|#   )|[\w.-]+==", line)
    ]

    assert kinds == []
    assert [package for package, (_, hashes) in locked(name).items() if not hashes] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_what_the_project_asks_for_in_versions_that_it_takes(name):
    found = locked(name)

    for text in LOCKS[name]:
        asked = Requirement(text)
        assert asked.specifier.contains(found[canonicalize_name(asked.name)][0]), f"{text}: make lock"


def test_the_lock_has_what_its_packages_ask_for_and_nothing_else():
    needed = {canonicalize_name(Requirement(text).name) for text in LOCKS["requirements.lock"]}
    seen: set[str] = set()
    while needed - seen:
        package = (needed - seen).pop()
        seen.add(package)
        for text in distribution(package).requires or ():
            asked = Requirement(text)
            if asked.marker is None or asked.marker.evaluate({"extra": ""}):
                needed.add(canonicalize_name(asked.name))

    assert set(locked("requirements.lock")) >= needed, "make lock"


def test_the_image_runs_as_nobody_in_particular_and_needs_no_shell():
    assert re.findall(r"^USER (.*)$", RECIPE, re.MULTILINE) == ["65532:65532"]
    assert RECIPE.index("USER ") > RECIPE.rindex("RUN ")
    assert re.findall(r"^(?:ENTRYPOINT|CMD) (.)", RECIPE, re.MULTILINE) == ["[", "["]


def test_the_image_has_only_what_is_held_to_a_hash_or_to_this_repository():
    installs = re.findall(r"pip install ([^&\n]*)", RECIPE)

    assert len(installs) == 3
    assert [
        line for line in installs if not re.match(r"--require-hashes --only-binary :all: -r|--no-index --no-deps", line)
    ] == []
    assert set(re.findall(r"^FROM (\S+)", RECIPE, re.MULTILINE)) == {"${BASE}"}
    assert "pip uninstall" in LAST_STAGE


def test_the_image_has_no_place_for_a_secret():
    names = re.findall(r"^(?:ARG|ENV) +(.*)$", RECIPE, re.MULTILINE)

    assert names
    assert not [line for line in names if re.search(r"secret|token|password|_ak|_sk", line, re.IGNORECASE)]


def test_the_image_has_the_templates_of_the_page_compiled(monkeypatch, tmp_path):
    (code,) = re.findall(r"/opt/enforcer/bin/python -I -c '([^']*)'", RECIPE)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    Path(cache_from_source(html.__file__)).parent.mkdir(parents=True)
    html._templates.cache_clear()

    exec(code)  # noqa: S102 - the line of the recipe as it stands
    html._templates.cache_clear()

    templates = list((ROOT / "enforcer" / "reports" / "page").glob("*.html"))
    assert len(list(tmp_path.rglob("*.jinja"))) == len(templates)


def test_what_the_recipe_copies_is_let_in_and_there():
    sources = [
        word for line in re.findall(r"^COPY (?!--from)(.*)$", RECIPE, re.MULTILINE) for word in line.split()[:-1]
    ]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert set(sources) == let_in
    assert [name for name in sources if not (ROOT / name).exists()] == []


def test_the_labels_are_those_of_the_project():
    assert f'title="{PROJECT["project"]["name"]}"' in LAST_STAGE
    assert f'licenses="{PROJECT["project"]["license"]}"' in LAST_STAGE
