"""Services: what listens on a port, in revisions, each with its share of the traffic.

A revision is a fixed digest. It is ready once its first instance has listened; until then, and
where it never does, the traffic stays where it was. A serving revision that has no instance gets
one with the next request, as a cloud that scales to zero does it.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from landed.core.clock import now
from landed.core.errors import ProviderError, UsageError
from landed.core.ids import new_id
from landed.core.words import listed
from landed.localcloud.actor import actor
from landed.localcloud.disk import LOCK, held, locked, read, save, watched
from landed.localcloud.images import Images
from landed.localcloud.logbook import add_request, entries, of_instance, whole_lines
from landed.localcloud.plan import lay_plan
from landed.localcloud.records import (
    InstanceRecord,
    Notes,
    RevisionRecord,
    ServiceRecord,
    ServiceSpec,
    Share,
)
from landed.localcloud.standing import Revision, Service, may_serve, running, stand, why
from landed.localcloud.supervise import claimed, detach

RECORD = "instance.json"
SUPERVISOR = "landed.localcloud.instance"
LISTEN_SECONDS = 30.0
STOP_SECONDS = 15.0
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?")
_LETTERS = "bcdfghjklmnpqrstvwxz"
LATEST = (Share(percent=100),)


class Services:
    """All services of one local cloud."""

    def __init__(self, root: Path, images: Images) -> None:
        self._root, self._images = root / "services", images

    def names(self) -> list[str]:
        """The names of all services."""
        return sorted(path.parent.name for path in self._root.glob("*/service.json"))

    def find(self, name: str) -> Service | None:
        """A service, None where there is none of that name."""
        record = self._record(name)
        return stand(record, self.instances(name)) if record else None

    def get(self, name: str) -> Service:
        """A service. Raises UsageError where there is none."""
        service = self.find(name)
        if service is None:
            there = listed(self.names(), 5) or "none yet"
            raise UsageError(
                f"there is no service `{name}`",
                f"`landed cloud deploy {name} --service --image NAME:TAG` makes it; "
                f"there are: {there}",
            )
        return service

    def _record(self, name: str) -> ServiceRecord | None:
        try:
            return read(self._folder(name) / "service.json", ServiceRecord)
        except FileNotFoundError:
            return None

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"`{name}` is no service's name", "at most 49 small letters, digits, -"
            )
        return self._root / name

    def instances(self, name: str) -> list[InstanceRecord]:
        """Every instance of a service, oldest first; one that nobody watches over is `LOST`."""
        folder = self._folder(name) / "instances"
        return list(watched(folder, RECORD, InstanceRecord, "RUNNING"))

    def deploy(
        self,
        name: str,
        image: str,
        env: dict[str, str] | None = None,
        *,
        runtime: Path | None = None,
        by: str | None = None,
        traffic: Sequence[Share] | None = None,
        seconds: float = LISTEN_SECONDS,
        key: str = "",
        notes: Notes | None = None,
    ) -> RevisionRecord:
        """Makes a revision of what the image means now, and starts its first instance; `ready`
        waits for it. Variables, traffic and notes that are not given stay. Raises UsageError for
        an image that is not in the store.

        What was made by this `key` is not made again. An instance that was started for a revision
        which never came into the record, because this was killed in between, ends by itself: it
        gets no traffic.
        """
        digest = self._images.here(image)
        place = self._folder(name) / "service.json"
        with locked(place.with_name(LOCK)):
            before = self._record(name)
            made_before = before.revisions if before and key else ()
            if known := next((one for one in made_before if one.key == key), None):
                return known
            kept = before.spec.env if before and env is None else env or {}
            noted = (before.spec.notes if before else Notes()) if notes is None else notes
            shares = tuple(traffic) if traffic else before.spec.traffic if before else LATEST
            if traffic:
                may_serve(stand(before, self.instances(name)) if before else None, shares)
            made = now()
            revision = RevisionRecord(
                name=_revision_name(name, len(before.revisions) + 1 if before else 1),
                image=image,
                env=kept,
                digest=digest,
                create_time=made,
                creator=by or actor(),
                instance=new_id("instance"),
                runtime=str(runtime) if runtime else None,
                key=key,
                annotations=noted.made,
            )
            spec = ServiceSpec(
                image=image,
                env=kept,
                traffic=shares,
                update_time=made,
                updated_by=revision.creator,
                notes=noted,
            )
            # First the instance: an image that says no command makes no revision. Its supervisor
            # waits for the lock before it looks at the service.
            self._start(name, revision, revision.instance, seconds)
            save(
                place,
                ServiceRecord(
                    name=name,
                    spec=spec,
                    revisions=(*(before.revisions if before else ()), revision),
                    history=(*before.history, before.spec) if before else (),
                ),
            )
        return revision

    def _start(self, name: str, revision: RevisionRecord, instance: str, seconds: float) -> None:
        """Starts an instance of a revision."""
        folder = self._folder(name) / "instances" / instance
        names = {"K_SERVICE": name, "K_REVISION": revision.name, "K_CONFIGURATION": name}
        lay_plan(
            folder,
            self._images,
            revision.image,
            revision.digest,
            {**revision.env, **names},
            data=self._folder(name) / "data",
            log=self._log(name, revision.name) / f"{instance}.jsonl",
            runtime=Path(revision.runtime) if revision.runtime else None,
            origin=of_instance(name, revision.name, instance),
            listen_seconds=seconds,
        )
        record = InstanceRecord(
            id=instance,
            service=name,
            revision=revision.name,
            status="RUNNING",
            start_time=now(),
        )
        with claimed(folder) as lock:
            save(folder / RECORD, record)
            detach(SUPERVISOR, folder, lock)

    def ready(self, name: str, revision: str) -> Revision:
        """Waits until it is decided whether a revision is ready; its supervisor bounds that."""
        while True:
            service = self.get(name)
            one = service.revision(revision)
            if one.state != "DEPLOYING":
                return one
            time.sleep(0.02)

    def route(self, name: str, shares: Sequence[Share], *, by: str | None = None) -> Service:
        """Gives the traffic to these. Raises UsageError where that is not 100 percent, or goes to
        a revision that is not ready.
        """
        place = self._folder(name) / "service.json"
        with locked(place.with_name(LOCK)):
            service = self.get(name)
            record = service.record
            may_serve(service, shares)
            if tuple(shares) != record.spec.traffic:
                spec = msgspec.structs.replace(
                    record.spec,
                    traffic=tuple(shares),
                    update_time=now(),
                    updated_by=by or actor(),
                )
                history = (*record.history, record.spec)
                save(place, msgspec.structs.replace(record, spec=spec, history=history))
        self.settle(name)
        return self.get(name)

    def settle(self, name: str) -> None:
        """Ends the instances that listen and get no traffic any more."""
        with locked(self._folder(name) / LOCK):
            service = self.get(name)
            serving = {one.record.name for share, one in service.serving() if share.percent}
            for instance in running(self.instances(name)):
                if instance.ready_time and instance.revision not in serving:
                    self._stop(instance)

    def stop(self, name: str) -> list[InstanceRecord]:
        """Ends every instance of a service, and returns those that ran. Its revisions and entries
        stay, and the next request starts an instance again.
        """
        self.get(name)
        with locked(self._folder(name) / LOCK):
            ran = running(self.instances(name))
            for instance in ran:
                self._stop(instance)
        return ran

    def _stop(self, instance: InstanceRecord) -> None:
        folder = self._folder(instance.service) / "instances" / instance.id
        end = time.monotonic() + STOP_SECONDS
        told = False
        while held(folder / LOCK):
            # Its supervisor says its own id as soon as it can be told.
            supervisor = read(folder / RECORD, InstanceRecord).supervisor
            if supervisor and not told:
                told = True
                with suppress(ProcessLookupError):
                    os.kill(supervisor, signal.SIGTERM)
            if time.monotonic() > end:
                raise ProviderError(
                    f"{instance.id} of {instance.service} does not end",
                    f"end process {supervisor} yourself",
                )
            time.sleep(0.01)

    def awake(self, name: str) -> InstanceRecord:
        """An instance that serves, chosen by the shares of the traffic; it is started where none
        runs. Raises ProviderError where nothing serves.
        """
        service = self.get(name)
        serving = [(share.percent, one) for share, one in service.serving() if share.percent]
        if not serving:
            reason = service.latest.why or "it is still being deployed"
            raise ProviderError(
                f"no revision of {name} serves: {reason}", f"landed cloud logs {name}"
            )
        percents, revisions = zip(*serving, strict=True)
        (chosen,) = secrets.SystemRandom().choices(revisions, percents)
        if chosen.running is None:
            with locked(self._folder(name) / LOCK):
                # Somebody else may have asked for it meanwhile.
                if not self._of(name, chosen.record.name):
                    self._start(name, chosen.record, new_id("instance"), LISTEN_SECONDS)
        return self._listening(name, chosen.record.name)

    def _listening(self, name: str, revision: str) -> InstanceRecord:
        while alive := self._of(name, revision):
            for instance in alive:
                if instance.ready_time:
                    return instance
            time.sleep(0.02)
        last = [one for one in self.instances(name) if one.revision == revision][-1]
        raise ProviderError(
            f"an instance of {revision} did not start: {why(last)}",
            f"landed cloud logs {name} --revision {revision}",
        )

    def _of(self, name: str, revision: str) -> list[InstanceRecord]:
        return [one for one in running(self.instances(name)) if one.revision == revision]

    def served(self, instance: InstanceRecord, request: Mapping[str, Any], began: datetime) -> None:
        """Writes into the log that a request was answered, as the place's own word: beside what
        the instance wrote, so that nobody takes it for that.
        """
        log = self._log(instance.service, instance.revision)
        origin = of_instance(instance.service, instance.revision, instance.id)
        add_request(log / f"{instance.id}.requests.jsonl", origin, request, began)

    def _log(self, name: str, revision: str) -> Path:
        return self._folder(name) / "logs" / revision

    def log(self, name: str, revision: str) -> bytes:
        """The log of one revision as it was written, one entry a line."""
        self.get(name).revision(revision)
        return b"\n".join(map(whole_lines, _files([self._log(name, revision)])))

    def logs(self, name: str, revision: str | None = None) -> list[dict[str, Any]]:
        """The entries of a service, or of one revision, by time."""
        service = self.get(name)
        records = [service.revision(revision)] if revision else service.revisions
        folders = [self._log(name, one.record.name) for one in records]
        found = [entry for path in _files(folders) for entry in entries(path)]
        return sorted(found, key=lambda e: (str(e.get("timestamp")), str(e.get("insertId"))))


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.jsonl"))


def _revision_name(service: str, number: int) -> str:
    return f"{service}-{number:05d}-{''.join(secrets.choice(_LETTERS) for _ in range(3))}"
