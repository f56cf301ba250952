"""What other jobs and services of a local cloud wrote, for who looks at all of its logs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from landed.core.probe import LogLine, Workload, WorkloadKind
from landed.localcloud.cloud import LocalCloud
from landed.logs.entries import from_lines

MOST = 20
"""How many other jobs and services are looked at."""


def entries(cloud: LocalCloud, workload: Workload) -> list[LogLine]:
    """The entries of the newest run of every other one; each says whose it is."""
    found: list[LogLine] = []
    for other, run, data in islice(_logs(cloud, workload), MOST):
        owner = f"{other.kind} {other.name} here, by {run}"
        found += [replace(line, owner=owner) for line in from_lines(data, run)]
    return found


def _logs(cloud: LocalCloud, workload: Workload) -> Iterator[tuple[Workload, str, bytes]]:
    for name, ran in cloud.newest().items():
        job = Workload(kind=WorkloadKind.JOB, name=name)
        if job != workload:
            yield job, ran.id, cloud.log(name, ran.id)
    for name in cloud.services.names():
        service = Workload(kind=WorkloadKind.SERVICE, name=name)
        if service != workload:
            latest = cloud.services.get(name).latest.record.name
            yield service, latest, cloud.services.log(name, latest)
