"""A service as it stands now: what its record says, and how its instances have fared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from landed.core.errors import DataError, UsageError
from landed.core.model import Frozen
from landed.core.words import listed
from landed.localcloud.records import InstanceRecord, RevisionRecord, ServiceRecord, Share


class Revision(Frozen):
    """A revision as it stands now. `since` is when it became so, `why` is why it failed, and
    `running` is an instance that listens.
    """

    record: RevisionRecord
    state: Literal["DEPLOYING", "READY", "FAILED"]
    since: datetime
    why: str = ""
    running: InstanceRecord | None = None


class Service(Frozen):
    """A service as it stands now, its revisions oldest first. `latest_ready` is None where none
    ever was.
    """

    record: ServiceRecord
    revisions: tuple[Revision, ...]
    latest_ready: Revision | None

    @property
    def latest(self) -> Revision:
        """The revision that was made last."""
        return self.revisions[-1]

    def revision(self, name: str) -> Revision:
        """A revision by its name. Raises UsageError where there is none."""
        for one in self.revisions:
            if one.record.name == name:
                return one
        names = [one.record.name for one in reversed(self.revisions)]
        raise UsageError(
            f"{self.record.name} has no revision `{name}`", f"revisions: {listed(names, 5)}"
        )

    def serving(self) -> list[tuple[Share, Revision]]:
        """Who really gets the traffic. A share of the latest is its that was ready last."""
        found = []
        for share in self.record.spec.traffic:
            one = self.revision(share.revision) if share.revision else self.latest_ready
            if one is not None:
                found.append((share, one))
        return found


def running(instances: Sequence[InstanceRecord]) -> list[InstanceRecord]:
    """Those that have not ended."""
    return [one for one in instances if one.status == "RUNNING"]


def stand(record: ServiceRecord, instances: Sequence[InstanceRecord]) -> Service:
    """A service, by its record and all of its instances."""
    revisions = tuple(_stands(revision, instances) for revision in record.revisions)
    ready = [one for one in revisions if one.state == "READY"]
    return Service(record=record, revisions=revisions, latest_ready=ready[-1] if ready else None)


def _stands(revision: RevisionRecord, instances: Sequence[InstanceRecord]) -> Revision:
    """A revision is what the start of its first instance says."""
    mine = [one for one in instances if one.revision == revision.name]
    first = next((one for one in mine if one.id == revision.instance), None)
    if first is None:
        raise DataError(
            f"the first instance of {revision.name} has no record", "the cloud's folder was damaged"
        )
    if first.ready_time:
        listens = next((one for one in running(mine) if one.ready_time), None)
        return Revision(record=revision, state="READY", since=first.ready_time, running=listens)
    if first.status == "RUNNING":
        return Revision(record=revision, state="DEPLOYING", since=revision.create_time)
    since = first.finish_time or first.start_time
    return Revision(record=revision, state="FAILED", since=since, why=why(first))


def why(instance: InstanceRecord) -> str:
    """Why an instance does not listen any more, or never did."""
    if instance.failure:
        return instance.failure
    if instance.status == "LOST":
        return "its supervisor died"
    if instance.status == "CANCELLED":
        return "it was stopped"
    if instance.exit_code is None:
        return "it could not be started"
    when = "" if instance.ready_time else f" before it listened on PORT {instance.port}"
    return f"it ended with exit code {instance.exit_code}{when}"


def may_serve(service: Service | None, shares: Sequence[Share]) -> None:
    """Raises UsageError for shares that do not make 100, or go to what is not ready."""
    if sum(share.percent for share in shares) != 100 or any(s.percent < 0 for s in shares):
        raise UsageError("the shares of the traffic do not make 100 percent", "--to NAME=100")
    for name in (share.revision for share in shares if share.revision):
        if service is None:
            raise UsageError(f"there is no revision `{name}` yet", "deploy without traffic for it")
        one = service.revision(name)
        if one.state != "READY":
            why_not = one.why or "it is still being deployed"
            raise UsageError(f"{name} is not ready: {why_not}", "give the traffic to one that is")
