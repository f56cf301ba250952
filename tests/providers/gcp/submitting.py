"""The small Google's bucket, its builds that are begun, and its registry's tags."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from providers.gcp.google import IMAGE, PROJECT, REGION, Google, at, refuse, say
from providers.oci.faults import Asked

BUCKET = f"{PROJECT}_cloudbuild"
BUILDS = f"/v1/projects/{PROJECT}/locations/{REGION}/builds"


@dataclass
class Submitting:
    """What was uploaded and begun. `losing` are requests (`PUT`, `build`) whose next answer is
    lost, `never` are those that are never done; `ends` is how builds end, `lines` what they say.
    """

    google: Google
    buckets: list[str] = field(default_factory=lambda: [BUCKET])
    objects: dict[str, bytes] = field(default_factory=dict)
    begun: list[dict[str, Any]] = field(default_factory=list)
    losing: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    coming: bytes = b""
    session: str = ""
    ends: dict[str, Any] = field(default_factory=lambda: {"status": "SUCCESS"})
    looks: int = 0
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.google.spoil("/storage/v1/b", self._storage)
        self.google.spoil(BUILDS, self.answer_builds)
        self.google.spoil("entries:list", self._log)

    def _answer(self, asked: Asked, deed: str, answer: Callable[[], None]) -> None:
        if deed in self.losing:
            self.losing.remove(deed)
            asked.say(503)
        else:
            answer()

    def _storage(self, asked: Asked) -> None:
        where = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(where.query).items()}
        if asked.method == "PUT":
            self._piece(asked, unquote(query["name"]))
        elif asked.method == "POST":
            here = f"http://{asked.headers['host']}/upload/storage/v1/b/{BUCKET}/o"
            session = self.session or f"{here}?upload_id=1&name={query['name']}"
            asked.say(200, location=session)
        elif where.path == "/storage/v1/b":
            say(asked, {"items": [{"name": name} for name in self.buckets]})
        else:
            found = [name for name in self.objects if name.startswith(query["prefix"])]
            say(asked, {"items": [self._object(name) for name in found]})

    def _object(self, name: str) -> dict[str, str]:
        md5 = hashlib.md5(self.objects[name], usedforsecurity=False).digest()
        return {"name": name, "generation": "7", "md5Hash": base64.b64encode(md5).decode()}

    def _piece(self, asked: Asked, name: str) -> None:
        span, _, whole = asked.headers["content-range"].removeprefix("bytes ").partition("/")
        if span != "*" and "piece" not in self.never:
            assert int(span.partition("-")[0]) == len(self.coming)
            self.coming += asked.body
            self.pieces.append(len(asked.body))
        if len(self.coming) == int(whole):
            self.objects[name] = self.coming
            self._answer(asked, "PUT", lambda: say(asked, self._object(name)))
        else:
            come = f"bytes=0-{len(self.coming) - 1}" if self.coming else ""
            self._answer(asked, "PUT", lambda: asked.say(308, range=come))

    def answer_builds(self, asked: Asked) -> None:
        """Begins builds, lists them, and shows one: it has ended at the second look."""
        path = asked.path.partition("?")[0]
        if asked.method == "POST":
            if "build" in self.never:
                asked.say(503)
                return
            build = {
                **json.loads(asked.body),
                "projectId": PROJECT,
                "id": f"b-{len(self.begun)}",
                "createTime": at(0),
                "status": "QUEUED",
            }
            self.begun.append(build)
            self._answer(asked, "build", lambda: say(asked, {"metadata": {"build": build}}))
        elif path == BUILDS:
            wanted = unquote(asked.path).partition('tags="')[2].partition('"')[0]
            say(asked, {"builds": [one for one in self.begun if wanted in one["tags"]]})
        else:
            self.looks += 1
            build = next(one for one in self.begun if path.endswith(one["id"]))
            say(asked, build if self.looks == 1 else {**build, **self._end(build)})

    def _end(self, build: dict[str, Any]) -> dict[str, Any]:
        digest = self.google.image.digest
        images = [{"name": name, "digest": digest} for name in build.get("images", [])]
        steps = [{**build["steps"][0], **self.ends.get("step", {})}]
        done: dict[str, Any] = {"finishTime": at(0), "steps": steps}
        if self.ends["status"] == "SUCCESS" and "results" not in self.ends:
            done["results"] = {"images": images}
        return {**done, **{k: v for k, v in self.ends.items() if k != "step"}}

    def _log(self, asked: Asked) -> None:
        wanted = json.loads(asked.body)["filter"]
        assert wanted.startswith('resource.type="build" AND resource.labels.build_id="b-')
        said = [("MAIN", "BUILD"), *(("Step #0", line) for line in self.lines), ("MAIN", "ERROR")]
        entries = [
            {"timestamp": at(0), "textPayload": text, "labels": {"build_step": step}}
            for step, text in said
        ]
        say(asked, {"entries": entries[::-1]})


def tags(google: Google, status: int = 201) -> list[tuple[str, bytes, str]]:
    """Lets the registry take tags, or refuse them: what was sent, with its type."""
    sent: list[tuple[str, bytes, str]] = []

    def put(asked: Asked) -> None:
        if asked.method != "PUT":
            google.play(asked)
        elif status != 201:
            refuse(asked, status, "denied", "DENIED")
        else:
            sent.append((asked.path, asked.body, asked.headers["content-type"]))
            asked.say(201)

    google.spoil("/manifests/", put)
    return sent


ORDERED = f"{IMAGE}:commit-1"
