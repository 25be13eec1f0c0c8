"""The Kubernetes manifests: each overlay renders, and says what no schema can know."""

import json
import os
import shutil
import subprocess
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
import yaml

from enforcer.errors import ExitCode
from enforcer.policyfile import load
from tests.command import finished
from tests.e2e.policies import drifting, nightly, target
from tests.simulated import simulator

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
OVERLAYS = sorted(path.name for path in (FOLDER / "overlays").iterdir())
JOB = yaml.safe_load((FOLDER / "base" / "job.yaml").read_text())
POD = JOB["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]

WORTH_ANOTHER_TRY = {ExitCode.PARTIAL, ExitCode.UNAVAILABLE, ExitCode.BUSY, ExitCode.SIGINT, ExitCode.SIGTERM}
NEVER_OF_AN_APPLY = {ExitCode.OK, ExitCode.DRIFT}

needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")


@cache
def rendered(overlay):
    command = ["kubectl", "kustomize", str(FOLDER / "overlays" / overlay)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (shown.returncode, shown.stderr) == (0, ""), shown
    return [document for document in yaml.safe_load_all(shown.stdout) if document]


def of_kind(overlay, kind):
    (found,) = [each for each in rendered(overlay) if each["kind"] == kind]
    return found


def job_spec(overlay):
    if overlay == "incident":
        return of_kind(overlay, "Job")["spec"]
    return of_kind(overlay, "CronJob")["spec"]["jobTemplate"]["spec"]


def as_in_the_base(spec):
    """Return *spec* without its pod, and without what makes an Indexed Job of one."""
    if spec.get("completionMode") != "Indexed":
        return {**spec, "template": None}
    indexed = {"completionMode", "completions", "parallelism", "backoffLimitPerIndex"}
    drained, given_up = spec["podFailurePolicy"]["rules"]
    rules = [drained, {**given_up, "action": "FailJob"}]
    return {
        **{key: value for key, value in spec.items() if key not in indexed},
        "backoffLimit": spec["backoffLimitPerIndex"],
        "podFailurePolicy": {"rules": rules},
        "template": None,
    }


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("kustomization.yaml")), ids=lambda path: path.parent.name)
def test_every_file_that_a_kustomization_names_is_there(path):
    said = yaml.safe_load(path.read_text())
    generated = [name for each in said.get("configMapGenerator", ()) for name in each.get("files", each.get("envs"))]

    names = [*said.get("resources", ()), *said.get("components", ()), *generated]
    assert names
    assert [name for name in names if not (path.parent / name).exists()] == []


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_has_the_job_of_the_base_and_nothing_unresolved(overlay):
    spec = job_spec(overlay)
    pod = spec["template"]["spec"]
    maps = {each["metadata"]["name"] for each in rendered(overlay) if each["kind"] == "ConfigMap"}
    (container,) = pod["containers"]
    volumes = {each["name"]: each for each in pod["volumes"]}

    assert as_in_the_base(spec) == {**JOB["spec"], "template": None}
    assert container["image"].partition("@")[2].startswith("sha256:")
    assert {container["envFrom"][0]["configMapRef"]["name"], volumes["policy"]["configMap"]["name"]} == maps
    assert volumes["state"]["persistentVolumeClaim"]["claimName"] == "enforcer-state"
    assert of_kind(overlay, "PersistentVolumeClaim")["metadata"]["name"] == "enforcer-state"


@needs_kubectl
@pytest.mark.parametrize("overlay", ["nightly", "shards"])
def test_the_nightly_run_comes_once_a_night(overlay):
    spec = of_kind(overlay, "CronJob")["spec"]

    assert spec["timeZone"] == "Etc/UTC"
    assert spec["concurrencyPolicy"] == "Forbid"
    assert 0 < spec["startingDeadlineSeconds"] <= 3600


@needs_kubectl
def test_a_job_for_an_incident_waits_for_no_night_and_names_itself():
    assert of_kind("incident", "Job")["metadata"]["name"] == "enforcer-incident"
    assert [each["kind"] for each in rendered("incident")].count("CronJob") == 0


@needs_kubectl
def test_there_is_a_pod_for_each_shard_and_each_has_a_target_and_the_state_of_all():
    spec = job_spec("shards")
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    *words, shard = container["args"]
    policy = load(str(FOLDER / "overlays" / "shards" / "policy.yaml"))

    assert (words, shard) == (CONTAINER["args"], f"--shard=$(JOB_COMPLETION_INDEX)/{spec['completions']}")
    assert spec["parallelism"] == spec["completions"] <= len(policy.targets)
    assert spec["podFailurePolicy"]["rules"][1]["action"] == "FailIndex"
    assert of_kind("shards", "PersistentVolumeClaim")["spec"]["accessModes"] == ["ReadWriteOnce"]
    (together,) = pod["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert together["topologyKey"] == "kubernetes.io/hostname"
    assert together["labelSelector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()


@needs_kubectl
def test_the_shards_start_together_on_an_empty_volume(enforcer):
    words = job_spec("shards")["template"]["spec"]["containers"][0]["args"]
    with ExitStack() as stack:
        clouds = [stack.enter_context(simulator(seed=1, drift=0.2, tasks=20)) for _ in range(3)]
        entries = "".join(target(f"eu-{number}", cloud) for number, cloud in enumerate(clouds))
        policy = str(enforcer.policy(nightly(targets=f"targets:\n{entries}")))
        env = {name: value for name, value in clouds[0].env.items() if name.endswith(("_AK", "_SK"))}
        lines = [
            [policy if word == words[1] else word.replace("$(JOB_COMPLETION_INDEX)", str(index)) for word in words]
            for index in range(3)
        ]
        pods = [stack.enter_context(enforcer.started(*line, env=env)) for line in lines]
        outcomes = [finished(pod) for pod in pods]

        assert [outcome.code for outcome in outcomes] == [0, 0, 0], outcomes
        assert [drifting(cloud.tasks()) for cloud in clouds] == [{}, {}, {}]
        assert len(enforcer.runs()) == 3


CLUSTER = """#!/bin/sh
case "$1 $2" in
    "create job") cat "$FOLDER/from-cronjob.json" ;;
    "create -f") cat > "$FOLDER/created.json" ;;
    "logs -n") echo "$*" > "$FOLDER/followed"; echo "what it printed" ;;
    "get pods") [ -f "$FOLDER/asked" ] && printf 3; touch "$FOLDER/asked" ;;
esac
"""
"""Stands in for kubectl and a cluster: a pod whose exit code is known only when it is asked for a second time."""


@needs_kubectl
@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
@pytest.mark.parametrize("overlay", ["nightly", "shards"])
def test_a_person_s_command_is_a_job_with_one_pod_like_the_nightly_one(tmp_path, overlay):
    spec = job_spec(overlay)
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "by-hand"}, "spec": spec}
    (tmp_path / "from-cronjob.json").write_text(json.dumps(job))
    (tmp_path / "kubectl").write_text(CLUSTER)
    (tmp_path / "kubectl").chmod(0o755)
    words = ["override", "add", "pay-*", "", "--reason", 'Source CPU at 95 %,\nit\'s "urgent", $(HOME) \\n']
    meant = [word.replace("$", "$$") for word in words]

    done = subprocess.run(
        [FOLDER / "by-hand", *words],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (3, "what it printed\n"), done.stderr
    created = json.loads((tmp_path / "created.json").read_text())["spec"]
    pod, nightly_pod = created.pop("template")["spec"], spec["template"]["spec"]
    assert pod["containers"] == [{**nightly_pod["containers"][0], "args": meant}]
    assert {**pod, "containers": None} == {**nightly_pod, "containers": None}
    kept = {key: spec[key] for key in ("activeDeadlineSeconds", "ttlSecondsAfterFinished")}
    assert created == {**kept, "backoffLimit": 0}


def test_the_job_is_given_up_on_the_exit_codes_that_another_try_does_not_change():
    drained, given_up = JOB["spec"]["podFailurePolicy"]["rules"]

    assert drained == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    assert given_up["action"] == "FailJob"
    assert given_up["onExitCodes"]["containerName"] == CONTAINER["name"]
    assert given_up["onExitCodes"]["operator"] == "In"
    assert set(given_up["onExitCodes"]["values"]) == set(ExitCode) - WORTH_ANOTHER_TRY - NEVER_OF_AN_APPLY


def test_the_pod_keeps_to_the_restricted_profile_and_a_bit_more():
    assert POD["restartPolicy"] == "Never"
    assert POD["automountServiceAccountToken"] is False
    assert POD["enableServiceLinks"] is False
    context = POD["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"], context["runAsGroup"]) == (True, 65532, 65532)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {kind for volume in POD["volumes"] for kind in volume} - {"name"} <= {
        *("configMap", "secret", "emptyDir", "persistentVolumeClaim")
    }
    assert "cpu" not in CONTAINER["resources"]["limits"]
    assert set(CONTAINER["resources"]["limits"]) == {"memory"}


def test_a_stop_leaves_time_to_drain():
    assert POD["terminationGracePeriodSeconds"] > 30


def test_the_state_directory_is_one_that_enforcer_makes_itself():
    # The volume's root belongs to root and can be written to by the group, which enforcer refuses, with reason.
    mounts = {each["name"]: each["mountPath"] for each in CONTAINER["volumeMounts"]}
    environ = {each["name"]: each["value"] for each in CONTAINER["env"]}

    assert Path(environ["ENFORCER_STATE_DIR"]).parent == Path(mounts["state"])
    assert POD["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
    assert environ["CREDENTIALS_DIRECTORY"] == mounts["credentials"]


def test_credentials_are_files_and_never_in_the_environment():
    (volume,) = [each["secret"] for each in POD["volumes"] if "secret" in each]

    assert volume["defaultMode"] == 0o440
    assert not [each for each in CONTAINER["env"] if "valueFrom" in each]
    secrets = [each["secretRef"] for each in CONTAINER["envFrom"] if "secretRef" in each]
    assert secrets == [{"name": "enforcer-notify", "optional": True}], "all others are files"


def test_the_network_lets_out_names_and_https_only():
    spec = yaml.safe_load((FOLDER / "base" / "network-policy.yaml").read_text())["spec"]

    assert set(spec["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in spec
    assert {port["port"] for rule in spec["egress"] for port in rule["ports"]} == {53, 443}
    assert spec["podSelector"]["matchLabels"].items() <= JOB["spec"]["template"]["metadata"]["labels"].items()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_policy_of_an_overlay_is_one(overlay):
    assert load(str(FOLDER / "overlays" / overlay / "policy.yaml")).name == overlay


def test_what_the_container_starts_works_with_a_mounted_secret_and_a_volume_of_the_group(enforcer):
    folder = enforcer.folder
    policy = enforcer.policy(nightly())
    secret, volume = folder / "secret" / "..data", folder / "volume"
    secret.mkdir(parents=True)
    volume.mkdir()
    volume.chmod(0o2770)
    with simulator(drift=0.2) as cloud:
        for name, value in (("ak", cloud.ak), ("sk", cloud.sk)):
            (secret / name).write_text(value)
            (secret / name).chmod(0o440)
            (secret.parent / name).symlink_to(f"..data/{name}")
        env = {
            **cloud.env_of_place,
            "HUAWEICLOUD_SDK_PROJECT_ID": cloud.project_id,
            "CREDENTIALS_DIRECTORY": str(secret.parent),
            "ENFORCER_STATE_DIR": str(volume / "state"),
        }
        words = [policy if word == "/etc/enforcer/policy.yaml" else word for word in CONTAINER["args"]]
        outcome = enforcer(*words, env=env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
