"""A local cloud and a folder to build from: what all tests of the local cloud begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from landed.localcloud.cloud import LocalCloud
from landed.localcloud.imaging import Order
from landed.localcloud.records import BuildRecord, ExecutionRecord

DOCKERFILE = 'FROM python:3.11-slim\nWORKDIR /app\nCOPY app ./app\nCMD ["python", "-m", "app"]\n'


class Workshop:
    """A cloud, and the folder `source`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.source = root / "source"
        self.cloud = LocalCloud(root / "cloud")
        self.write("Dockerfile", DOCKERFILE)
        self.write("app/__init__.py", "")
        self.write("app/__main__.py", "print('hello')\n")

    def write(self, path: str, text: str | bytes) -> Path:
        place = self.source / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)
        return place

    def build(self, *tags: str, **more: Any) -> BuildRecord:
        order = Order(tags=tags, **more)
        return self.cloud.builder.from_upload(self.source, "sha1", order)

    def built(self, tag: str = "worker:latest", **more: Any) -> str:
        done = self.build(tag, **more)
        assert done.status == "SUCCESS", done.failure
        assert done.digest
        return done.digest

    def run(
        self, program: str | None = None, *, wait: bool = True, env: dict[str, str] | None = None
    ) -> ExecutionRecord:
        """Builds with this as the program, deploys it as `worker`, and executes it."""
        if program is not None:
            self.write("app/__main__.py", program)
        self.cloud.deploy("worker", f"worker@{self.built()}", env)
        return self.cloud.execute("worker", wait=wait)

    def entries(self, execution: ExecutionRecord) -> list[dict[str, Any]]:
        return self.cloud.logs("worker", execution.id)

    def said(self, execution: ExecutionRecord) -> list[str]:
        return [str(entry.get("textPayload")) for entry in self.entries(execution)]

    def now(self, execution: str) -> ExecutionRecord:
        return next(e for e in self.cloud.executions("worker") if e.id == execution)
