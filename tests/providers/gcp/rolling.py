"""A job of the small Google's that is changed and started, with answers that are lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landed.config import EnvironmentSettings
from landed.content.repo import Repository
from landed.providers.gcp.actions import GoogleActions
from landed.providers.gcp.place import place
from landed.providers.oci.registry import Registry
from providers.gcp.google import IMAGE, PROJECT, QUICK, REGION, Google, execution, refuse, say
from providers.oci.faults import Asked

HOME = f"projects/{PROJECT}/locations/{REGION}"
NAME = f"{HOME}/jobs/worker"


@dataclass
class Rolling:
    """What happened to the job. `losing` are deeds (`PATCH`, `run`) whose next answer is lost;
    `late` are those that come so late that whoever asked has gone on: `arrive` lets them come.
    """

    google: Google
    job: dict[str, Any]
    path: str = "/jobs/worker"
    losing: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    lost: Callable[[Asked], None] = lambda asked: asked.say(503)
    waiting: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    executions: list[dict[str, Any]] = field(default_factory=list)
    version: int = 1

    def __post_init__(self) -> None:
        self.job |= {"etag": '"1"', "generation": "1"}
        self.google.spoil(self.path, self.answer)

    def answer(self, asked: Asked) -> None:
        path = asked.path.partition("?")[0]
        if path.endswith("/executions"):
            say(asked, {"executions": self.executions})
        elif asked.method == "GET":
            say(asked, self.job)
        else:
            deed = "run" if path.endswith(":run") else asked.method
            body = json.loads(asked.body)
            if deed in self.late:
                self.late.remove(deed)
                self.waiting.append((deed, body))
                asked.say(503)
                return
            done = self._done(deed, body)
            if deed in self.losing:
                self.losing.remove(deed)
                self.lost(asked)
            elif done is None:
                refuse(asked, 409, "Conflict for resource 'worker'", "ABORTED")
            else:
                say(asked, done)

    def arrive(self) -> list[bool]:
        """Lets late deeds come: whether each was done."""
        done = [self._done(*one) is not None for one in self.waiting]
        self.waiting.clear()
        return done

    def somebody_else(self, **changes: Any) -> None:
        """Changes the job, as another person would."""
        self.version += 1
        own = {"etag": f'"{self.version}"', "generation": str(self.version)}
        self.job = {**self.job, **changes, **own}

    def _done(self, deed: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if body["etag"] != self.job["etag"]:
            return None
        if deed == "PATCH":
            self.changes.append(body)
            self.somebody_else(**body)
            return {"name": f"{HOME}/operations/change-{self.version}", "done": True}
        number = len(self.executions)
        own = self.job["template"]
        one = execution(f"worker-{number}", own["template"]["containers"][0]["image"], 1)
        self.executions.insert(0, {**one, "annotations": own["annotations"]})
        return {"name": f"{HOME}/operations/run-{number}", "metadata": {"name": one["name"]}}


def actions(google: Google, folder: Path, repository: Repository) -> GoogleActions:
    """New hands, over the small Google."""

    @contextmanager
    def opener(reference: Any, transport: Any, bearer: Any) -> Any:
        yield Registry(transport, bearer, f"http://{google.server.host}", reference, 2)

    environ = google.environ(folder)
    settings = EnvironmentSettings(provider="gcp", project=PROJECT, region=REGION)
    return GoogleActions(
        place(settings, environ),
        repository,
        lambda: "https://git.example/shop.git",
        IMAGE,
        opener=opener,
        environ=environ,
        cache=folder / "layers",
        patience=QUICK,
    )
