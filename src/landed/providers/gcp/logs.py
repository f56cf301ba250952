"""Cloud Logging: the entries of a workload, split by execution or revision.

One question brings those of all executions, newest first. What it could not bring whole is asked
for by name, and what is still not whole is raised: half a log would pass for a clean one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from landed.core.clock import now
from landed.core.errors import DataError
from landed.core.model import Frozen
from landed.core.probe import LogLine, Workload, WorkloadKind
from landed.core.words import printable
from landed.logs.entries import REQUESTS, from_entry
from landed.providers.gcp.api import Api, in_time, path
from landed.providers.gcp.failures import Need, no_answer
from landed.providers.gcp.place import Place
from landed.providers.gcp.shapes import log

ENTRIES = Need(
    api="logging.googleapis.com",
    permission="logging.logEntries.list",
    role="roles/logging.viewer",
)
EXECUTION = "run.googleapis.com/execution_name"
SKEW = timedelta(minutes=5)
"""How far the clocks of containers, of Google and of this machine are trusted to differ."""
LATE = timedelta(minutes=2)
"""How long after its end an execution's entries are taken to be still on their way."""
_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST = 100
"""Characters of another's name that are shown."""
_PAGE = 1000
_LAST = 200
_FIRST_PAGES, _OWN_PAGES = 10, 20
_NAMES = {WorkloadKind.JOB: ("cloud_run_job", "job_name"),
          WorkloadKind.SERVICE: ("cloud_run_revision", "service_name")}  # fmt: skip


class Read(Frozen):
    """Entries by execution. `whole_since` is where they begin to be all there are; None where all
    were read. `others` came along, and are another's.
    """

    by_execution: dict[str, dict[str, LogLine]]
    whole_since: datetime | None
    others: dict[str, LogLine] = {}


def quoted(value: str) -> str:
    """A value of the filter language: a string that ends where it should."""
    return json.dumps(value)


def the_filter(workload: Workload, region: str, execution: str = "", since: str = "") -> str:
    """The filter for a workload's entries, for those of one execution, or from a moment on."""
    kind, label = _NAMES[workload.kind]
    parts = [
        f"resource.type={quoted(kind)}",
        f"resource.labels.{label}={quoted(workload.name)}",
        f"resource.labels.location={quoted(region)}",
    ]
    if execution and workload.kind is WorkloadKind.JOB:
        parts.append(f"labels.{quoted(EXECUTION)}={quoted(execution)}")
    elif execution:
        parts.append(f"resource.labels.revision_name={quoted(execution)}")
    if since:
        parts.append(f"timestamp>={quoted(since)}")
    return " AND ".join(parts)


def read(api: Api, workload: Workload, execution: str = "", since: datetime | None = None) -> Read:
    """Entries, newest first, as many as fit. Raises ProviderError and DataError as `Api` does."""
    found: dict[str, dict[str, LogLine]] = {}
    others: dict[str, LogLine] = {}
    moment = since.isoformat().replace("+00:00", "Z") if since else ""
    asked: dict[str, object] = {
        "resourceNames": [f"projects/{api.place.project}"],
        "filter": the_filter(workload, api.place.region, execution, moment),
        "orderBy": "timestamp desc",
        "pageSize": _PAGE,
    }
    oldest: datetime | None = None
    what, begun = f"log of {workload.kind} {workload.name}", time.monotonic()
    for _ in range(_OWN_PAGES if execution else _FIRST_PAGES):
        in_time(what, begun)
        page = api.post(ENTRIES, what, path("v2", "entries:list"), log.Entries, asked)
        for raw in page.entries:
            line = _line(raw, workload, api.place, what)
            oldest = min(oldest or line.timestamp, line.timestamp)
            key = f"{line.timestamp.isoformat()} {line.insert_id} {line.stream}"
            if not line.insert_id:
                key += line.text
            if line.execution:
                found.setdefault(line.execution, {})[key] = line
            elif line.owner:
                others[f"{key} {line.owner}"] = line
        if not page.next_page_token:
            return Read(by_execution=found, whole_since=None, others=others)
        asked = {**asked, "pageToken": page.next_page_token}
    return Read(by_execution=found, whole_since=oldest or now() + SKEW, others=others)


def of_build(api: Api, build: str) -> list[str] | None:
    """The last lines that the steps of a build wrote, in their order; None where there is no entry
    of this build at all yet. What Cloud Build says itself, which it marks as `MAIN`, is left out.
    """
    asked: dict[str, object] = {
        "resourceNames": [f"projects/{api.place.project}"],
        "filter": f'resource.type="build" AND resource.labels.build_id={quoted(build)}',
        "orderBy": "timestamp desc",
        "pageSize": _LAST,
    }
    what = f"log of build {build}"
    page = api.post(ENTRIES, what, path("v2", "entries:list"), log.Entries, asked)
    if not page.entries:
        return None
    return [
        str(one["textPayload"])
        for one in map(msgspec.json.decode, reversed(page.entries))
        if "textPayload" in one and (one.get("labels") or {}).get("build_step") != "MAIN"
    ]


def _line(raw: msgspec.Raw, workload: Workload, place: Place, what: str) -> LogLine:
    """One entry. Who wrote it stands in its labels, and nowhere else: what another project, job or
    service wrote is nobody's here, and says whose it is.
    """
    try:
        origin = msgspec.json.decode(raw, type=log.LogOrigin)
        line = from_entry(raw, "")
    except ValueError as error:
        raise no_answer(ENTRIES, what, f"an entry cannot be read: {error}") from error
    # What stands beside the requests and says nothing of one, no program wrote.
    odd = line.stream.endswith(REQUESTS) and not line.asked
    if odd or origin.proto_payload:
        # An audit entry is about the workload, and not from it.
        return replace(line, execution="")
    owner = _owner(origin, workload, place)
    return replace(line, execution="" if owner else _execution(origin, workload), owner=owner)


def _execution(origin: log.LogOrigin, workload: Workload) -> str:
    """The execution or revision that wrote an entry of this workload; empty where none did."""
    if workload.kind is WorkloadKind.SERVICE:
        return str(origin.resource.labels.get("revision_name") or "")
    return str((origin.labels or {}).get(EXECUTION) or "")


def _owner(origin: log.LogOrigin, workload: Workload, place: Place) -> str:
    """Whose an entry is that is not of this workload in this place, empty where it is: a sink may
    bring another project's entries into this one's log.
    """
    kind, label = _NAMES[workload.kind]
    about = origin.resource.labels
    mine = {"project_id": place.project, "location": place.region, label: workload.name}
    of_log = origin.log_name.removeprefix("projects/").partition("/")[0]
    if (
        origin.resource.type == kind
        and all(about.get(key) == value for key, value in mine.items())
        and origin.log_name.startswith(f"projects/{place.project}/logs/")
    ):
        return ""
    project = about.get("project_id") if about.get("project_id") != place.project else of_log
    ran = (origin.labels or {}).get(EXECUTION) or about.get("revision_name")
    words = {
        "": about.get(label) or origin.resource.type,
        " of project ": project,
        " in ": about.get("location"),
        ", by ": ran,
    }
    said = [f"{before}{printable(str(word)[:_LONGEST])}" for before, word in words.items() if word]
    return f"{workload.kind} {''.join(said)}"


class Log:
    """A workload's entries, as far as they were read."""

    def __init__(self, api: Api, workload: Workload, first: Read) -> None:
        self._api, self._workload = api, workload
        self._whole_since = first.whole_since
        self._found = {name: dict(lines) for name, lines in first.by_execution.items()}
        self._asked: set[str] = set()
        self._others = dict(first.others)

    @property
    def empty(self) -> bool:
        """Whether there is no entry of any execution."""
        return not self._found

    def again(self) -> None:
        """Reads the newest part once more, with an overlap: entries come late, and out of order."""
        times = [line.timestamp for lines in self._found.values() for line in lines.values()]
        # A program writes its own times, and may write one from before there are any.
        since = max([_EPOCH, *times]) - SKEW if times else now() - SKEW - LATE
        self._add(read(self._api, self._workload, since=since), "", whole=False)

    def of(self, execution: str, begun: datetime) -> list[LogLine]:
        """One execution's entries, in order. Raises DataError where there are too many to read."""
        whole = self._whole_since is None or begun - self._whole_since > SKEW
        if not whole and execution not in self._asked:
            self._add(read(self._api, self._workload, execution), execution, whole=True)
        lines = self._found.get(execution, {}).values()
        return sorted(lines, key=lambda line: (line.timestamp, line.insert_id))

    def others(self) -> list[LogLine]:
        """What came along, and is another's, in order."""
        return sorted(self._others.values(), key=lambda line: (line.timestamp, line.insert_id))

    def _add(self, more: Read, execution: str, *, whole: bool) -> None:
        if whole and more.whole_since is not None:
            raise DataError(
                f"{execution} wrote more than {_OWN_PAGES * _PAGE} entries",
                "landed reads no half of a log; see it with `gcloud logging read`",
            )
        self._asked.add(execution)
        self._others |= more.others
        for name, lines in more.by_execution.items():
            self._found.setdefault(name, {}).update(lines)


def arriving(ends: Iterable[datetime | None]) -> bool:
    """Whether entries may still be on their way, by clocks that may differ."""
    return any(end is None or now() - end < LATE + SKEW for end in ends)
