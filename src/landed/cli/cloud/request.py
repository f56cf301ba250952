"""`landed cloud request`: one request to what serves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import httpx

from landed.cli.cloud.place import at_place, opened
from landed.cli.common import Speech, common
from landed.core.clock import now
from landed.core.errors import ProviderError, UsageError
from landed.core.model import Frozen

MAX_BODY = 1 << 20
_NONE, _LATE = 503, 504
"""What Cloud Run says of a request that an instance broke off, or did not answer in time."""


class Reply(Frozen):
    """What came back; `cut` where there was more than MAX_BODY bytes of it."""

    status: int
    body: bytes
    cut: bool


@click.command("request")
@click.argument("service")
@click.argument("path", default="/")
@click.option("--method", default="GET", show_default=True)
@click.option("--data", help="A body to send.")
@click.option(
    "--timeout", "seconds", type=click.FloatRange(min=0.1), default=30.0, show_default=True
)
@at_place
@common
def command(
    service: str,
    path: str,
    method: str,
    data: str | None,
    seconds: float,
    place: Path | None,
    speech: Speech,
) -> int:
    """Asks a service once: by the shares of its traffic, one of those that serve answers.

    A revision that has no instance gets one first.
    """
    if not path.startswith("/"):
        raise UsageError(f"`{path}` is no path", "a path begins with /")
    services = opened(speech.config(), place).services
    instance = services.awake(service)
    url = f"http://127.0.0.1:{instance.port}{path}"
    began = now()

    def served(status: int) -> None:
        told = {"requestMethod": method.upper(), "requestUrl": url, "status": status}
        services.served(instance, told, began)

    try:
        reply = asyncio.run(_ask(method.upper(), url, data, seconds))
    except TimeoutError:
        served(_LATE)
        raise ProviderError(
            f"{instance.revision} did not answer within {seconds:g} s",
            f"landed cloud logs {service} --revision {instance.revision}",
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
            served(_NONE)
        raise ProviderError(
            f"{instance.revision} gave no answer: {error}",
            f"landed cloud logs {service} --revision {instance.revision}",
        ) from None
    served(reply.status)
    _tell(service, instance.revision, reply, speech)
    return 0 if reply.status < 400 else 1


async def _ask(method: str, url: str, data: str | None, seconds: float) -> Reply:
    """One request, bounded as a whole and not only step by step."""
    body = bytearray()
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(trust_env=False, timeout=None) as client,  # noqa: S113 - the whole is bounded
        client.stream(method, url, content=data) as answer,
    ):
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                break
    return Reply(status=answer.status_code, body=bytes(body[:MAX_BODY]), cut=len(body) > MAX_BODY)


def _tell(service: str, revision: str, reply: Reply, speech: Speech) -> None:
    text = reply.body.decode("utf-8", "replace")
    if speech.json:
        document = {
            "schema": "landed/cloud-request/v1",
            "service": service,
            "revision": revision,
            "status": reply.status,
            "body": text,
            "cut": reply.cut,
        }
        speech.document(document)
        return
    speech.aside(f"{reply.status} from {revision}")
    click.echo(reply.body, nl=not reply.body.endswith(b"\n"))
    if reply.cut:
        speech.aside(f"… cut at {MAX_BODY} bytes")
