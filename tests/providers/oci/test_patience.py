"""How long a registry is waited for, how often it is asked, and what is taken up again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from landed.core.errors import LandedError, ProviderError
from landed.http import patience, transport
from landed.http.patience import LEAST, Watch
from landed.http.transport import asked_wait
from landed.providers.oci.registry import Registry
from providers.oci.faults import FOR_EVER, Answering, Asked, Faults
from providers.oci.faulty import (
    BLOB,
    BODY,
    DIGEST,
    HASTY,
    QUICK,
    digest_of,
    fine,
    half,
    in_turn,
    of,
    reference,
    whole_blob,
)
from providers.oci.servers import certificate


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_failure_that_passes(faults: Faults, status: int) -> None:
    failed = in_turn(lambda asked: asked.say(status), lambda asked: asked.say(status), fine)
    with of(faults, failed) as registry:
        assert registry.manifest(DIGEST) == BODY
    assert len(faults.asked) == 3


def test_a_failure_that_stays(faults: Faults) -> None:
    with (
        of(faults, lambda asked: asked.say(503)) as registry,
        pytest.raises(ProviderError, match="status 503"),
    ):
        registry.manifest(DIGEST)
    assert len(faults.asked) == QUICK.tries


def test_retry_after_is_waited_for(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(transport, "sleep", waits.append)
    busy = in_turn(lambda a: a.say(500), lambda a: a.say(429, retry_after="1"), half(BODY, 1), fine)
    with of(faults, busy) as registry:
        assert registry.manifest(DIGEST) == BODY
    assert waits == [QUICK.pause, 1, QUICK.pause * 4]


def test_who_asks_for_too_long_a_wait_is_not_waited_for(faults: Faults) -> None:
    with (
        of(faults, lambda asked: asked.say(429, retry_after="3600")) as registry,
        pytest.raises(ProviderError, match="too often") as raised,
    ):
        registry.manifest(DIGEST)
    assert len(faults.asked) == 1
    assert f"docker login {faults.host}" in raised.value.hint


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("7", 7, 7),
        ("", 2, 2),
        ("-5", 2, 2),
        ("soon", 2, 2),
        ("٣", 2, 2),
        ("9" * 5000, 1e8, 1e9),
        ("Mon, 01 Jan 2024 00:00:00 -0000", 2, 2),
    ],
)
def test_the_forms_of_retry_after(said: str, least: float, most: float) -> None:
    assert least <= asked_wait({"retry-after": said}, 2) <= most


@pytest.mark.parametrize(("seconds", "least", "most"), [(500, 400, 500), (-500, 2, 2)])
def test_retry_after_may_be_a_moment(seconds: int, least: float, most: float) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    assert least <= asked_wait({"retry-after": moment}, 2) <= most


def test_half_a_manifest_is_asked_for_again(faults: Faults) -> None:
    with of(faults, in_turn(half(BODY, 10), half(BODY, 0), fine)) as registry:
        assert registry.manifest(DIGEST) == BODY
    assert len(faults.asked) == 3


def test_half_a_manifest_for_ever(faults: Faults) -> None:
    with (
        of(faults, half(BODY, 10)) as registry,
        pytest.raises(ProviderError, match="broke off"),
    ):
        registry.manifest(DIGEST)
    assert len(faults.asked) == QUICK.tries


def test_a_connection_that_is_closed_without_a_word(faults: Faults) -> None:
    with of(faults, in_turn(lambda _: None, fine)) as registry:
        assert registry.manifest(DIGEST) == BODY


def test_a_blob_that_breaks_is_taken_up_again(faults: Faults) -> None:
    broken = in_turn(half(BLOB, 300_000), half(BLOB, 200_000), whole_blob)
    with of(faults, broken) as registry, registry.blob(digest_of(BLOB)) as stream:
        assert stream.read() == BLOB
    assert [a.headers.get("range") for a in faults.asked] == [
        None,
        "bytes=300000-",
        "bytes=500000-",
    ]


def test_a_blob_that_breaks_for_ever(faults: Faults) -> None:
    with of(faults, half(BLOB, 1000)) as registry, registry.blob(digest_of(BLOB)) as stream:
        assert stream.read(1000) == BLOB[:1000]
        with pytest.raises(ProviderError, match="broke off"):
            stream.read()


@pytest.mark.parametrize(
    "second",
    [
        lambda asked: asked.say(200, BLOB),
        lambda asked: asked.say(206, BLOB[5:], content_range=f"bytes 5-9/{len(BLOB)}"),
        lambda asked: asked.say(206, BLOB[1000:]),
        lambda asked: asked.say(200, BLOB, content_range=f"bytes 1000-9999/{len(BLOB)}"),
        lambda asked: asked.say(416),
        lambda asked: asked.say(404),
    ],
)
def test_a_blob_whose_rest_is_not_given_never_ends_early(
    faults: Faults, second: Callable[[Asked], None]
) -> None:
    broken = in_turn(half(BLOB, 1000), second)
    with (
        of(faults, broken) as registry,
        registry.blob(digest_of(BLOB)) as stream,
        pytest.raises(LandedError),
    ):
        stream.read()


def dripping_header(asked: Asked) -> None:
    asked.handler.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
    asked.drip()


def dripping_body(asked: Asked) -> None:
    asked.handler.send_response(200)
    asked.handler.send_header("content-length", str(LEAST))
    asked.handler.end_headers()
    asked.drip()


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("answer", [dripping_header, dripping_body])
def test_who_drips_is_not_waited_for(
    answer: Answering,
    secure: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each byte begins the read's own timeout anew: only the watch ends this."""
    if secure:
        pair = certificate(tmp_path / "tls")
        monkeypatch.setenv("SSL_CERT_FILE", str(pair.certificate))
    with Faults(pair=pair if secure else None) as server:
        server.answer = lambda asked: asked.say(404)
        with Registry.open(reference(server.host), QUICK) as registry:
            # The beginning of the talk is no drip, however busy the machine is.
            registry._transport._patience = HASTY
            server.answer = answer
            begun = time.monotonic()
            with pytest.raises(ProviderError, match="too slowly"):
                registry.manifest(DIGEST)
            with pytest.raises(ProviderError, match="too slowly"), registry.blob(DIGEST) as stream:
                stream.read()
            assert time.monotonic() - begun < FOR_EVER


def test_who_says_nothing_is_not_waited_for(faults: Faults) -> None:
    faults.answer = lambda asked: asked.drip(b"")
    short = replace(QUICK, read=0.3)
    with (
        Registry.open(reference(faults.host), short) as registry,
        pytest.raises(ProviderError, match="in time"),
    ):
        registry.manifest(DIGEST)


def test_only_the_waiting_counts_and_progress_begins_it_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = 0.0
    monkeypatch.setattr(patience, "monotonic", lambda: clock)
    watch = Watch(100)
    watch.end()
    with watch.waiting():
        clock += 60
        assert not watch.late()
    clock += 1000
    assert not watch.late()
    with watch.waiting():
        clock += 39
        assert not watch.late()
        clock += 2
        assert watch.late()
    for size, late in ((LEAST - 1, True), (1, False)):
        watch.gained(size)
        with watch.waiting():
            clock += 1
            assert watch.late() == late


def test_no_watch_is_left_behind(faults: Faults) -> None:
    with of(faults, fine) as registry:
        for _ in range(20):
            registry.manifest(DIGEST)
    ours = [t for t in threading.enumerate() if "_look" in t.name]
    for thread in ours:
        thread.join(60)
    assert not any(thread.is_alive() for thread in ours)
