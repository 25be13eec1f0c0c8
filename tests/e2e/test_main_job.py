"""The main job: a policy makes drifting tasks right, says so, and finds nothing to do the second time."""

import itertools
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from enforcer.cli.runs.applying import WRITTEN
from enforcer.reports import FORMATS
from tests.e2e.policies import adds_up, attempts, drifting, modes_sent, nightly, states
from tests.simulated import simulator

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"


def test_a_plan_shows_the_drift_and_sends_no_put_and_records_nothing(enforcer):
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("plan", enforcer.policy(nightly()), "--format", "json", env=cloud.env)

        assert outcome.code == 0, outcome
        assert states(outcome.json()) == dict.fromkeys(wrong, "not_attempted")
        assert {task["task_id"]: task["desired"] for task in outcome.json()["targets"][0]["tasks"]} == wrong
        assert adds_up(outcome.json())
        assert {request["method"] for request in cloud.requests()} == {"GET"}
        assert not enforcer.state.exists()


def test_a_plan_names_every_drifting_task_in_its_text(enforcer):
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("plan", enforcer.policy(nightly()), env=cloud.env)

        assert all(task_id[:8] in outcome.out for task_id in wrong), outcome


def test_an_apply_makes_it_right_and_reads_it_back_and_a_second_one_sends_nothing(enforcer):
    policy = enforcer.policy(nightly())
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        first = enforcer("apply", policy, "--yes", env=cloud.env)

        assert first.code == 0, first
        assert drifting(cloud.tasks()) == {}
        assert modes_sent(cloud) == wrong
        assert len(cloud.puts()) == len(wrong)
        assert cloud.requests()[-1]["method"] == "GET", "it is read back after the last PUT"
        assert states(enforcer.report()) == dict.fromkeys(wrong, "verified")

        second = enforcer("apply", policy, "--yes", env=cloud.env)

        assert second.code == 0, second
        assert len(cloud.puts()) == len(wrong)
        assert enforcer.report()["totals"]["planned"] == 0
        assert enforcer.report()["totals"]["listed"] == 60


def test_changes_to_manual_go_first_and_higher_priorities_before_lower_ones(enforcer):
    with simulator(drift=0.3) as cloud:
        enforcer("apply", enforcer.policy(nightly(concurrency=1)), "--yes", env=cloud.env)

        modes = [put["body"] for put in cloud.puts()]
        assert modes == sorted(modes, reverse=True)
        assert len(set(modes)) == 2


def test_each_put_has_its_mode_in_the_body_and_each_list_its_limit_and_offset(enforcer):
    with simulator(drift=0.2) as cloud:
        enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

        assert {put["body"] for put in cloud.puts()} == {'{"resume_mode":"auto"}', '{"resume_mode":"manual"}'}
        lists = [request for request in cloud.requests() if request["path"].endswith("/migration-tasks")]
        assert {request["query"] for request in lists} == {"limit=1000&offset=0"}


def test_a_list_of_many_pages_is_read_to_its_end(enforcer):
    with simulator(tasks=95, drift=0.2, max_page=10) as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        assert enforcer.report()["totals"]["listed"] == 95
        inventory = enforcer.report()["targets"][0]["inventory"]
        assert (inventory["count"], inventory["stable"]) == (95, True)
        before_the_puts = itertools.takewhile(
            lambda request: request["path"].endswith("/migration-tasks"), cloud.requests()
        )
        assert inventory["pages"] == len(list(before_the_puts)) >= 10


def test_the_reports_are_written_and_the_journal_gives_them_again_in_every_format(enforcer):
    with simulator(drift=0.2) as cloud:
        printed = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)
    (run,) = enforcer.runs()
    folder = enforcer.state / "runs" / run["run_id"]
    again = {form: enforcer("runs", "report", run["run_id"], "--format", form) for form in FORMATS}

    assert {outcome.code for outcome in again.values()} == {0}
    assert {name: again[form].out for name, form in WRITTEN.items()} == {
        path.name: path.read_text() for path in folder.iterdir()
    }
    assert printed.out.startswith(again["text"].out)
    assert str(folder / "report.html") in printed.out


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"text"}))
def test_an_apply_prints_in_the_format_asked_for_what_the_journal_prints_later(enforcer, form):
    with simulator(drift=0.1) as cloud:
        printed = enforcer("apply", enforcer.policy(nightly()), "--yes", "--format", form, env=cloud.env)
    (run,) = enforcer.runs()

    assert enforcer("runs", "report", run["run_id"], "--format", form).out == printed.out


def test_the_report_says_what_was_done_and_by_which_policy_and_adds_up(enforcer):
    policy = enforcer.policy(nightly())
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        enforcer("apply", policy, "--yes", env=cloud.env)
        ledger = cloud.requests()
    report = enforcer.report()

    assert report["schema"] == "enforcer.report/1"
    assert report["command"] == "apply"
    assert report["exit"] == {"code": 0, "name": "ok"}
    assert report["policy"]["files"] == [str(policy)]
    assert report["targets"][0]["endpoint"] == cloud.endpoint
    assert report["targets"][0]["project_id"] == cloud.project_id
    assert report["totals"]["verified"] == len(wrong) == attempts(report)
    assert adds_up(report)
    requests = report["targets"][0]["requests"]
    assert (requests["list"], requests["put"]) == (2, len(wrong))
    assert sum(requests[call] for call in ("list", "show", "put")) == len(ledger)
    put_ids = {request["request_id"] for request in ledger if request["method"] == "PUT"}
    assert {task["request_id"] for task in report["targets"][0]["tasks"]} == put_ids


def test_the_report_fits_its_published_schema(enforcer):
    with simulator(drift=0.2, hostile=True) as cloud:
        enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)
    schema = msgspec.json.decode(SCHEMA.read_bytes())

    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(enforcer.report())] == []


def test_reports_can_be_written_elsewhere(enforcer):
    with simulator(drift=0.1) as cloud:
        elsewhere = enforcer.folder / "else" / "where"
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--report-dir", elsewhere, env=cloud.env)

    assert outcome.code == 0, outcome
    assert {path.name for path in elsewhere.iterdir()} == set(WRITTEN)
    assert msgspec.json.decode((elsewhere / "report.json").read_bytes()) == enforcer.journalled()


def test_runs_are_listed_the_newest_first_and_found_by_a_part_of_their_id(enforcer):
    policy = enforcer.policy(nightly())
    with simulator(drift=0.1) as cloud:
        ids = [
            msgspec.json.decode(enforcer("apply", policy, "--yes", "--format", "json", env=cloud.env).out)["run_id"]
            for _ in range(2)
        ]
    listed = enforcer.runs()

    assert [run["run_id"] for run in listed] == ids[::-1]
    assert [run["exit_code"] for run in listed] == [0, 0]
    assert [run["policy_name"] for run in listed] == ["nightly", "nightly"]
    assert enforcer.journalled(ids[0][-6:])["run_id"] == ids[0]
    assert all(run_id in enforcer("runs", "list").out for run_id in ids)


def test_without_any_run_the_list_is_empty(enforcer):
    assert enforcer.runs() == []
    assert enforcer("runs", "list").code == 0


def test_only_narrows_a_run_to_the_tasks_named(enforcer):
    policy = enforcer.policy(nightly())
    with simulator(drift=0.5) as cloud:
        wrong = drifting(cloud.tasks())
        one = min(wrong)
        payments = {task["task_id"] for task in cloud.tasks() if task["task_name"].startswith("pay-")}
        chosen = {task_id for task_id in wrong if task_id in payments} | {one}
        outcome = enforcer("apply", policy, "--yes", "--only", "pay-*", "--only", one, env=cloud.env)

        assert outcome.code == 0, outcome
        assert modes_sent(cloud) == {task_id: wrong[task_id] for task_id in chosen}
        assert set(drifting(cloud.tasks())) == set(wrong) - chosen
        assert enforcer.report()["only"] == ["pay-*", one]
        assert adds_up(enforcer.report())


def test_a_folder_of_policies_is_one_policy(enforcer):
    folder = enforcer.folder / "policy.d"
    folder.mkdir()
    head, rules = nightly().split("rules:\n")
    rules, limits = rules.split("limits:\n")
    (folder / "10-base.yaml").write_text(f"{head}limits:\n{limits}")
    (folder / "20-rules.yml").write_text(f"version: 1\nrules:\n{rules}")
    with simulator(drift=0.2) as cloud:
        outcome = enforcer("apply", folder, "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        assert [Path(file).name for file in enforcer.report()["policy"]["files"]] == ["10-base.yaml", "20-rules.yml"]


def test_settings_can_come_from_the_environment(enforcer):
    more = {"ENFORCER_YES": "1", "ENFORCER_ONLY": "pay-*", "ENFORCER_REPORT_DIR": str(enforcer.folder / "reports")}
    with simulator(drift=0.5) as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly()), env=cloud.env | more)

    assert outcome.code == 0, outcome
    assert enforcer.journalled()["only"] == ["pay-*"]
    assert (enforcer.folder / "reports" / "report.md").exists()


def test_the_log_is_json_lines_with_the_run_the_target_and_the_task(enforcer):
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

    lines = outcome.err_bytes.splitlines()
    assert len(outcome.log) == len(lines)
    assert outcome.log[0]["event"] == "run.started"
    assert outcome.log[-1]["event"] == "run.finished"
    assert {line["timestamp"][-1] for line in outcome.log} == {"Z"}
    assert {line["run_id"] for line in outcome.log} == {enforcer.report()["run_id"]}
    acked = [line for line in outcome.log if line["event"] == "change.acked"]
    assert {line["task_id"] for line in acked} == set(wrong)
    assert {line["target"] for line in acked} == {enforcer.report()["targets"][0]["name"]}


def test_the_log_can_go_to_a_file(enforcer):
    log = enforcer.folder / "log.jsonl"
    with simulator(drift=0.1) as cloud:
        outcome = enforcer("plan", enforcer.policy(nightly()), "--log-file", log, env=cloud.env)

    assert outcome.err == ""
    assert [msgspec.json.decode(line)["event"] for line in log.read_bytes().splitlines()][-1] == "run.finished"


def test_check_and_schema_need_no_network_and_no_credentials(enforcer):
    assert enforcer("check", enforcer.policy(nightly())).code == 0
    schema = enforcer("schema")
    assert schema.code == 0
    Draft202012Validator.check_schema(schema.json())
