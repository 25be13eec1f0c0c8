"""As whom a run sets out, by its record and by its locks: its id, who runs it, and where."""

import os
from collections.abc import Sequence

from enforcer import __version__
from enforcer.cli.runs.errands import Errand
from enforcer.cli.terminal import author
from enforcer.model.event import RunStarted, TargetRef
from enforcer.model.lock import Holder


def started(errand: Errand, refs: Sequence[TargetRef]) -> RunStarted:
    """Return the first event of its record; *refs* are its targets, as far as they could be connected."""
    policy = errand.policy
    return RunStarted(
        run_id=errand.run_id,
        command=errand.command,
        version=__version__,
        host=author.host(),
        user=author.user(),
        pid=os.getpid(),
        policy_name=policy.name,
        policy_files=policy.files,
        policy_sha256=policy.sha256,
        policy_path=str(errand.policy_path),
        targets=tuple(refs),
        only=errand.only,
        flags=errand.flags,
        deadline_s=policy.limits.deadline_s,
        parent_run=errand.parent_run,
        shard=None if errand.shard is None else str(errand.shard),
    )


def holder(errand: Errand) -> Holder:
    """Return what its locks tell those who wait for them."""
    return Holder(
        run_id=errand.run_id,
        command=errand.command,
        user=author.user(),
        host=author.host(),
        pid=os.getpid(),
        since=errand.began_at,
    )
