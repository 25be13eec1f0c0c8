"""A folder of files is one policy."""

from pathlib import Path

import pytest

from enforcer.errors import PolicyError
from enforcer.policyfile import load

RULE = "rules: [{{id: {0}, match: x, mode: auto}}]\n"


def write(folder: Path, **files: str) -> str:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(f"version: 1\n{text}")
    return str(folder)


def problems(path: str) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        load(path)
    return [str(problem).replace(f"{path}/", "") for problem in refused.value.problems]


def test_files_are_read_in_name_order_and_rules_concatenated(tmp_path):
    path = write(
        tmp_path / "conf",
        b_yaml=RULE.format("b") + "default: auto",
        a_yml=RULE.format("a"),
        c_yaml="limits: {concurrency: 3}",
    )

    loaded = load(path)

    assert [rule.id for rule in loaded.rules] == ["a", "b"]
    assert loaded.files == (f"{path}/a.yml", f"{path}/b.yaml", f"{path}/c.yaml")
    assert [str(rule.origin) for rule in loaded.rules] == [f"{path}/a.yml:2", f"{path}/b.yaml:2"]
    assert loaded.default == "auto"
    assert loaded.limits.concurrency == 3
    assert loaded.name == "conf"


def test_other_files_and_hidden_ones_are_passed_over(tmp_path):
    path = write(tmp_path, a_yaml="", b_json="x", c_yaml_bak="x", README="x", _hidden_yaml="x")

    assert load(path).files == (f"{path}/a.yaml",)


def test_links_are_followed_as_a_mounted_config_map_needs(tmp_path):
    write(tmp_path / "data", a_yaml=RULE.format("a"))
    (tmp_path / "mount").mkdir()
    (tmp_path / "mount" / "a.yaml").symlink_to(tmp_path / "data" / "a.yaml")

    assert len(load(str(tmp_path / "mount")).rules) == 1


def test_what_may_stand_once_names_the_other_place(tmp_path):
    once = "name: x\ntargets: [{name: t}]\neligible: {}\ndefault: auto\nlimits: {}\n"
    path = write(tmp_path, a_yaml=once, b_yaml=once)

    assert problems(path) == [
        "b.yaml:2:1: 'name' is set in a.yaml:2 already; expected it in one file only",
        "b.yaml:3:1: 'targets' is set in a.yaml:3 already; expected it in one file only",
        "b.yaml:3:18: name 't' is taken; a.yaml:3 has it already",
        "b.yaml:4:1: 'eligible' is set in a.yaml:4 already; expected it in one file only",
        "b.yaml:5:1: 'default' is set in a.yaml:5 already; expected it in one file only",
        "b.yaml:6:1: 'limits' is set in a.yaml:6 already; expected it in one file only",
    ]


def test_a_rule_id_is_unique_in_the_whole_folder(tmp_path):
    path = write(tmp_path, a_yaml=RULE.format("same"), b_yaml="\n" + RULE.format("same"))

    assert problems(path) == ["b.yaml:3:14: id 'same' is taken; a.yaml:2 has it already"]


def test_problems_of_all_files_come_together(tmp_path):
    path = write(tmp_path, a_yaml="default: atuo", b_yaml="limits: {rate: 0/s}")
    (tmp_path / "c.yaml").write_text("name: x")
    (tmp_path / "d.yaml").mkdir()
    (tmp_path / "e.yaml").write_bytes(b"\xff")

    assert [each.split(":")[0] for each in problems(path)] == ["a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml"]


def test_the_bounds_hold_for_all_files_together(tmp_path):
    rules = "rules:\n" + "".join(f"- {{id: {{0}}{n}, match: x, mode: auto}}\n" for n in range(2501)).replace(
        "{0}", "%s"
    )
    path = write(tmp_path / "many", a_yaml=rules.replace("%s", "a"), b_yaml=rules.replace("%s", "b"))
    large = write(tmp_path / "large", a_yaml="#" * 600_000, b_yaml="#" * 600_000)

    assert problems(path) == ["b.yaml:3:1: 5002 rules in all files together; expected at most 5000"]
    assert problems(large) == ["b.yaml:1:1: too large; expected at most 1048576 bytes in all files together"]


def test_the_digest_covers_names_and_bytes_and_not_the_place_of_the_folder(tmp_path):
    first = load(write(tmp_path / "one", a_yaml="", b_yaml="")).sha256

    assert load(write(tmp_path / "two", a_yaml="", b_yaml="")).sha256 == first
    assert load(write(tmp_path / "three", a_yaml="", c_yaml="")).sha256 != first
    assert load(write(tmp_path / "four", a_yaml="", b_yaml="#")).sha256 != first


def test_the_current_folder_has_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path / "here", a_yaml=""))

    assert load(".").name == "here"
    assert load(".").files == ("a.yaml",)
