"""How `landed cloud` says what happened: as words, or as one JSON document."""

from __future__ import annotations

from typing import Any

import click

from landed.cli.common import Speech
from landed.core.redact import redact
from landed.core.words import printable, short
from landed.localcloud.records import BuildRecord, ExecutionRecord, JobRecord
from landed.render.document import plain


def tell_build(done: BuildRecord, speech: Speech) -> None:
    """A build: what it pushed and from what, or why it failed."""
    if speech.json:
        document = {
            "schema": "landed/cloud-build/v1",
            "id": done.id,
            "status": done.status,
            "digest": done.digest,
            "images": [{"name": i.name, "digest": i.digest} for i in done.images],
            "source": done.source,
            "base": done.base,
            "not_run": done.not_run,
            "warnings": done.warnings,
            "failure": done.failure or None,
        }
        speech.document(plain(document))
        return
    if done.status != "SUCCESS":
        speech.say(f"build {done.id} failed: {printable(done.failure)}")
        return
    what = f"{done.images[0].name} is {done.images[0].digest}" if done.images else "nothing pushed"
    speech.say(f"build {done.id}: {what}")
    source = done.source
    if source and source.kind == "clone":
        speech.say(f"  from a clone of {source.ref}: {short(source.resolved_commit or '')}")
    elif source:
        speech.say(f"  from an upload of {source.files} files; the record holds no commit")
    if not done.images:
        speech.say("  name the image with --tag NAME:TAG")
    for line in done.not_run:
        speech.aside(f"  RUN is not run here: {line}")
    for warning in done.warnings:
        speech.aside(f"  {warning}")


def echo_entry(entry: dict[str, Any]) -> None:
    """An entry as it comes in, on stderr."""
    click.echo(f"  {entry_line(entry)}", err=True)


def entry_line(entry: dict[str, Any]) -> str:
    """An entry for a person: time, severity, text."""
    payload = entry.get("jsonPayload")
    text = (
        payload.get("message", payload) if isinstance(payload, dict) else entry.get("textPayload")
    )
    request = entry.get("httpRequest")
    if isinstance(request, dict):
        text = " ".join(str(request.get(k)) for k in ("requestMethod", "requestUrl", "status"))
    lines = [printable(line) for line in redact(str(text)).splitlines()] or [""]
    head = f"{str(entry.get('timestamp'))[11:19]} {entry.get('severity', ''):<8} {lines[0]}"
    return "\n".join([head, *(f"{'':<18}{line}" for line in lines[1:])])


def tell_execution(done: ExecutionRecord, speech: Speech) -> None:
    """An execution, as far as it has come."""
    if speech.json:
        document = {
            "schema": "landed/cloud-execute/v1",
            "id": done.id,
            "job": done.job,
            "digest": done.digest,
            "status": done.status,
            "exit_code": done.exit_code,
            "isolation": done.isolation or None,
            "modules": done.modules,
            "runtime": done.runtime,
        }
        speech.document(plain(document))
        return
    ends = {"RUNNING": "started", "SUCCEEDED": "succeeded", "FAILED": "failed"}
    code = f" with exit code {done.exit_code}" if done.exit_code else ""
    speech.say(f"execution {done.id} {ends.get(done.status, done.status.lower())}{code}")
    alone = f", {done.isolation}" if done.isolation == "not isolated" else ""
    speech.say(f"  on {done.digest}{alone}")


def tell_deployment(record: JobRecord, speech: Speech) -> None:
    """What a job runs now."""
    if speech.json:
        document = {
            "schema": "landed/cloud-deploy/v1",
            "job": record.name,
            "image": record.spec.image,
            "digest": record.spec.resolved,
            "updated": record.spec.update_time,
        }
        speech.document(plain(document))
        return
    speech.say(f"job {record.name} runs {record.spec.image}")
    if "@" not in record.spec.image:
        speech.say(f"  now {record.spec.resolved}; the tag is resolved at each execution")


def tell_logs(kind: str, name: str, entries: list[dict[str, Any]], speech: Speech) -> None:
    """The entries of a job or a service (`kind`), under their executions or revisions."""
    if speech.json:
        speech.document(plain({"schema": "landed/cloud-logs/v1", kind: name, "entries": entries}))
        return
    last = ""
    for entry in entries:
        ran = _wrote(entry)
        if ran != last:
            speech.say(ran)
            last = ran
        speech.say(f"  {entry_line(entry)}")
    if not entries:
        speech.say("no entries")


def _wrote(entry: dict[str, Any]) -> str:
    """Who wrote an entry."""
    execution = (entry.get("labels") or {}).get("run.googleapis.com/execution_name")
    if execution:
        return f"execution {execution}"
    return f"revision {entry.get('resource', {}).get('labels', {}).get('revision_name')}"
