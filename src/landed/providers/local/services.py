"""Services of a local cloud, as a trace sees them: a revision is an execution."""

from __future__ import annotations

from collections import Counter
from itertools import chain, takewhile

from landed.core.model import (
    Absent,
    Station,
    Unseen,
)
from landed.core.probe import LogLine
from landed.core.seen import (
    Deployment,
    Earlier,
    Execution,
    ExecutionState,
    Serving,
)
from landed.core.seen.switches import shown, variables
from landed.core.words import command
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.images import parse
from landed.localcloud.records import InstanceRecord
from landed.localcloud.standing import Revision, Service
from landed.providers.local.recorded import DATA, mounts, recorded


def deployment(cloud: LocalCloud, name: str) -> Deployment | Absent:
    """How a service stands. Its digest is what its newest revision took its image to mean."""
    service = cloud.services.find(name)
    if service is None:
        return Absent(
            reason=f"there is no service {name} yet",
            remedy=command(
                "landed", "cloud", "deploy", name, "--service", "--image", f"{name}:latest"
            ),
        )
    latest, shares = service.latest, _shares(service)
    newest_first = [one.record for one in reversed(service.revisions)]
    alike = list(takewhile(lambda one: one.digest == latest.record.digest, newest_first))
    facts = {
        "service": name,
        "image": service.record.spec.image,
        "digest": latest.record.digest,
        "latest": latest.record.name,
        "state": latest.state,
        "traffic": shares,
        "updated": service.record.spec.update_time,
        "by": service.record.spec.updated_by,
    }
    return Deployment(
        kind="service",
        name=name,
        image=service.record.spec.image,
        digest=latest.record.digest,
        pinned=parse(service.record.spec.image).digest is not None,
        since=alike[-1].create_time,
        updated_by=latest.record.creator,
        earlier=tuple(
            Earlier(digest=one.digest, since=one.create_time, updated_by=one.creator)
            for one in newest_first[len(alike) :]
        ),
        serving=tuple(
            Serving(revision=one, digest=service.revision(one).record.digest, percent=percent)
            for one, percent in shares.items()
        ),
        latest=latest.record.name,
        not_ready=latest.why if latest.state == "FAILED" else "",
        deploying=latest.state == "DEPLOYING",
        evidence=(recorded(Station.DEPLOYMENT, facts, _see(cloud, name)),),
    )


def _see(cloud: LocalCloud, name: str) -> str:
    return command("cat", str(cloud.root / "services" / name / "service.json"))


def _shares(service: Service) -> dict[str, int]:
    """The traffic in percent, by the names of the revisions that take any."""
    shares: dict[str, int] = {}
    for share, one in service.serving():
        if share.percent:
            shares[one.record.name] = shares.get(one.record.name, 0) + share.percent
    return shares


def revisions(cloud: LocalCloud, name: str) -> list[Execution]:
    """The revisions of a service, newest first."""
    service = cloud.services.find(name)
    if service is None:
        return []
    instances, shares = cloud.services.instances(name), _shares(service)
    return [
        _revision(
            one,
            [instance for instance in instances if instance.revision == one.record.name],
            shares.get(one.record.name),
            _see(cloud, name),
        )
        for one in reversed(service.revisions)
    ]


def _revision(
    revision: Revision, instances: list[InstanceRecord], percent: int | None, see: str
) -> Execution:
    """A revision with what its instances loaded from elsewhere than its image."""
    record, last = revision.record, instances[-1]
    foreign = [path for one in instances if one.modules for path in one.modules.foreign]
    # An instance that is stopped does not say what it loaded.
    foreign += [f"{name}={value}" for name, value in record.env.items() if _leads_away(name, value)]
    facts = {
        "revision": record.name,
        "digest": record.digest,
        "state": revision.state,
        "percent": percent or 0,
        "instances": [[one.id, one.status, one.exit_code] for one in instances[-5:]],
        "isolation": last.isolation,
        "variables": shown(variables(record.env)),
        "foreign": foreign[:20],
    }
    return Execution(
        id=record.name,
        digest=record.digest,
        started_at=record.create_time,
        finished_at=None,
        state=_state(revision, last, percent),
        exit_code=last.exit_code,
        foreign_modules=tuple(dict.fromkeys(foreign)),
        percent=percent,
        mounts=mounts(last.isolation),
        variables=variables(record.env),
        loaded=_loaded(instances),
        evidence=(recorded(Station.EXECUTION, facts, see),),
    )


def _loaded(instances: list[InstanceRecord]) -> tuple[str, ...] | None:
    """What all of its instances loaded; None where one of them did not say."""
    said = [one.modules.loaded if one.modules else None for one in instances]
    known = [loaded for loaded in said if loaded is not None]
    return tuple(sorted({*chain(*known)})) if known and len(known) == len(said) else None


def _leads_away(name: str, value: str) -> bool:
    """Whether a variable makes Python look for code in the data, which no image has."""
    return name.startswith("PYTHON") and any(part.startswith(DATA) for part in value.split(":"))


def _state(revision: Revision, last: InstanceRecord, percent: int | None) -> ExecutionState:
    """A revision that takes traffic serves, unless its last instance ended by itself."""
    if revision.state == "FAILED":
        return ExecutionState.FAILED
    if revision.state == "DEPLOYING":
        return ExecutionState.RUNNING
    if revision.running is None and last.status in ("FAILED", "LOST"):
        return ExecutionState(last.status.lower())
    return ExecutionState.SERVING if percent else ExecutionState.SUCCEEDED


def entries(cloud: LocalCloud, name: str, revision: str) -> list[LogLine] | Unseen:
    """One revision's entries, in order. Unseen where an instance wrote more than there is."""
    from landed.logs.entries import from_lines, ordered  # noqa: PLC0415 - slow to load

    found = from_lines(cloud.services.log(name, revision), revision)
    # What the place says of a request, the instance did not write.
    there = Counter(entry.instance for entry in found if not entry.asked)
    for one in cloud.services.instances(name):
        here = there[one.id]
        if one.revision == revision and one.entries is not None and one.entries != here:
            return Unseen(
                reason=f"{one.id} of {revision} wrote {one.entries} entries, and {here} are there",
                hint="its log was cut or added to; deploy again",
            )
    return ordered(found)
