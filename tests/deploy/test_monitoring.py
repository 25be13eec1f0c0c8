"""Alerts and dashboard ask for metrics that a run writes, and each alert leads to a place in the runbook."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.sample_reports import SAMPLES, shown

ROOT = Path(__file__).parents[2]
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "enforcer.json").read_text())
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
OF_OTHERS = {"node_textfile_scrape_error", "kube_cronjob_status_last_successful_time"}
"""From node_exporter and kube-state-metrics."""

METRIC = re.compile(r"\b(?:enforcer|node|kube)_[a-z_]+\b(?!=)")
LABELS = re.compile(r"\b(?:by|on) \(([^)]*)\)")


def written():
    """Return the metrics that runs write, with the labels of each."""
    found: dict[str, set[str]] = {}
    for name in SAMPLES:
        for metric, labels in re.findall(r"^([a-z_]+)\{(.*)\} ", shown(name, "prometheus"), re.MULTILINE):
            found.setdefault(metric, set()).update(re.findall(r"([a-z0-9_]+)=\"", labels))
    return found


WRITTEN = written()
QUERIES = {rule["alert"]: rule["expr"] for rule in RULES} | {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_about_metrics_and_labels_that_a_run_writes(name):
    metrics = set(METRIC.findall(QUERIES[name]))
    labels = {label.strip() for group in LABELS.findall(QUERIES[name]) for label in group.split(",")}

    assert metrics
    assert metrics <= set(WRITTEN) | OF_OTHERS
    assert labels <= {"instance", *(label for metric in metrics - OF_OTHERS for label in WRITTEN[metric])}


def test_every_metric_is_looked_at_somewhere():
    assert {metric for query in QUERIES.values() for metric in METRIC.findall(query)} >= set(WRITTEN)


def test_every_metric_has_its_row():
    rows = re.findall(r"^\| (`enforcer_.*?) \|", (ROOT / "docs" / "deployment.md").read_text(), re.MULTILINE)

    assert sorted(name for row in rows for name in re.findall(r"`(.+?)`", row)) == sorted(WRITTEN)


def test_the_variables_of_the_dashboard_are_those_that_its_queries_use():
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD["panels"])))

    assert used == {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_urgent_it_is_and_where_to_read_on(rule):
    document, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", RUNBOOK, re.MULTILINE)}

    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert document == "docs/runbook.md"
    assert anchor in headings
    assert f"| `{rule['alert']}` |" in RUNBOOK
