"""Answers that are wrong: what is made of them. The real thing is in `test_registry`."""

from __future__ import annotations

import json

import pytest

from landed.core.errors import DataError, LandedError, ProviderError
from landed.http.transport import SMALL
from landed.providers.oci.failures import MissingError
from landed.providers.oci.registry import ACCEPT, Registry
from providers.oci.faults import Asked, Faults
from providers.oci.faulty import (
    BLOB,
    BODY,
    DIGEST,
    QUICK,
    SECRET,
    digest_of,
    fine,
    in_turn,
    of,
    reference,
)


def test_what_is_asked_for(faults: Faults) -> None:
    with of(faults, fine) as registry:
        assert registry.resolve() == DIGEST
        assert registry.manifest(DIGEST) == BODY
    assert [(a.method, a.path) for a in faults.asked] == [
        ("HEAD", "/v2/shop/worker/manifests/v1"),
        ("GET", f"/v2/shop/worker/manifests/{DIGEST}"),
    ]
    for asked in faults.asked:
        assert asked.headers["accept"] == ACCEPT
        assert asked.headers["accept-encoding"] == "identity"
        assert "authorization" not in asked.headers
    kinds = ("oci.image.manifest.v1", "oci.image.index.v1", "manifest.v2", "manifest.list.v2")
    assert all(kind in ACCEPT for kind in kinds)


@pytest.mark.parametrize("said", ["", "nonsense", f"sha512:{'0' * 128}"])
def test_a_head_without_a_digest_is_not_enough(faults: Faults, said: str) -> None:
    with of(faults, lambda asked: asked.say(200, BODY, docker_content_digest=said)) as registry:
        assert registry.resolve() == DIGEST
    assert [asked.method for asked in faults.asked] == ["HEAD", "GET"]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_head_that_is_refused_is_not_the_last_word(faults: Faults, status: int) -> None:
    def answer(asked: Asked) -> None:
        fine(asked) if asked.method == "GET" else asked.say(status)

    with of(faults, answer) as registry:
        assert registry.resolve() == DIGEST


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>welcome</html>", b"[]", b'"2"', b"{}", b"\xff", b"[" * 100_000],
)
def test_what_is_no_manifest_gives_no_digest(faults: Faults, body: bytes) -> None:
    with (
        of(faults, lambda asked: asked.say(200, body)) as registry,
        pytest.raises(DataError, match="no manifest"),
    ):
        registry.resolve()


def test_docker_s_first_schema_is_named(faults: Faults) -> None:
    with (
        of(faults, lambda asked: asked.say(200, b'{"schemaVersion": 1}')) as registry,
        pytest.raises(DataError, match="first schema"),
    ):
        registry.resolve()


def test_a_header_that_contradicts_the_body(faults: Faults) -> None:
    other = digest_of(b"other")
    with of(faults, lambda asked: asked.say(200, BODY, docker_content_digest=other)) as registry:
        with pytest.raises(DataError, match="not what its digest says"):
            registry.manifest(DIGEST)
        with pytest.raises(DataError, match="not what its digest says"):
            registry.manifest(other)


def test_a_body_that_contradicts_the_digest(faults: Faults) -> None:
    with (
        of(faults, lambda asked: asked.say(200, BODY.replace(b"2", b" 2"))) as registry,
        pytest.raises(DataError, match="not what its digest says"),
    ):
        registry.manifest(DIGEST)


def test_a_pinned_digest_that_is_answered_with_another(faults: Faults) -> None:
    faults.answer = fine
    wanted = reference(faults.host, digest_of(b"other"))
    with (
        Registry.open(wanted, QUICK) as registry,
        pytest.raises(DataError, match="not what its digest says"),
    ):
        registry.resolve()


@pytest.mark.parametrize("told", [True, False])
def test_a_manifest_that_is_too_large(faults: Faults, told: bool) -> None:  # noqa: FBT001
    def answer(asked: Asked) -> None:
        asked.handler.send_response(200)
        if told:
            asked.handler.send_header("content-length", str(SMALL + 1))
        asked.handler.end_headers()
        for _ in range(SMALL // (1 << 20) + 1):
            asked.handler.wfile.write(b" " * (1 << 20))

    with (
        of(faults, answer) as registry,
        pytest.raises(DataError, match="more than 16 MiB"),
    ):
        registry.manifest(DIGEST)


def test_a_refusal_is_read_no_further_than_needed(faults: Faults) -> None:
    sent = 0

    def answer(asked: Asked) -> None:
        nonlocal sent
        asked.handler.send_response(403)
        asked.handler.end_headers()
        for _ in range(200):
            asked.handler.wfile.write(b"x" * (1 << 20))
            sent += 1

    with of(faults, answer) as registry, pytest.raises(ProviderError, match="not let you"):
        registry.manifest(DIGEST)
    assert sent < 100


HOSTILE = json.dumps(
    {"errors": [{"code": "DENIED", "message": f"\x1b[2J\u202etoken={SECRET} " + "a" * 5000}]}
).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, b"", ProviderError, "status 400"),
        (403, HOSTILE, ProviderError, "does not let you read shop/worker"),
        (404, b'{"errors":[{"code":"NAME_UNKNOWN"}]}', MissingError, "no repository shop/worker"),
        (404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}', MissingError, "has no sha256:"),
        (404, b"<html>", MissingError, "has no sha256:"),
        (404, b'{"errors":[]}', MissingError, "has no sha256:"),
        (404, b'{"errors":[{"code":[]}]}', MissingError, "has no sha256:"),
        (418, HOSTILE, ProviderError, "status 418"),
        (206, BODY, ProviderError, "status 206"),
        (300, b"", ProviderError, "status 300"),
        (301, b"", ProviderError, "status 301"),
    ],
)
def test_a_refusal_in_words(
    faults: Faults, status: int, body: bytes, kind: type[LandedError], words: str
) -> None:
    with of(faults, lambda asked: asked.say(status, body)) as registry:
        for ask in (lambda: registry.manifest(DIGEST), registry.blob(DIGEST).__enter__):
            with pytest.raises(kind) as raised:
                ask()
            assert words in raised.value.message
            assert raised.value.message.isprintable()
            assert len(raised.value.message) < 500
            assert SECRET not in raised.value.message
            assert raised.value.hint


def test_a_blob_s_answer_may_not_begin_in_the_middle(faults: Faults) -> None:
    part = f"bytes 5-{len(BLOB) - 1}/{len(BLOB)}"
    with (
        of(faults, lambda asked: asked.say(206, BLOB[5:], content_range=part)) as registry,
        pytest.raises(ProviderError, match="206"),
        registry.blob(digest_of(BLOB)),
    ):
        pass


def test_a_blob_that_was_packed_on_the_way_is_given_as_it_came(faults: Faults) -> None:
    """Unpacking it would hide what the digest is of."""
    with (
        of(faults, lambda asked: asked.say(200, BLOB, content_encoding="gzip")) as registry,
        registry.blob(digest_of(BLOB)) as stream,
    ):
        assert stream.read() == BLOB


def listed(*digests: str) -> bytes:
    found = [{"digest": d, "size": 7, "mediaType": "a", "artifactType": "b"} for d in digests]
    return json.dumps({"schemaVersion": 2, "manifests": found}).encode()


def test_referrers_page_by_page(faults: Faults) -> None:
    one, two = digest_of(b"1"), digest_of(b"2")
    pages = in_turn(
        lambda a: a.say(200, listed(one), link='</v2/shop/worker/referrers/x?next=2>; rel="next"'),
        lambda a: a.say(200, listed(two)),
    )
    with of(faults, pages) as registry:
        found = registry.referrers(DIGEST)
    assert [(one.digest, one.size, one.artifact_type) for one in found] == [
        (one, 7, "b"),
        (two, 7, "b"),
    ]
    assert faults.paths() == [
        f"/v2/shop/worker/referrers/{DIGEST}",
        "/v2/shop/worker/referrers/x?next=2",
    ]


def test_a_next_page_elsewhere_is_asked_for_here(faults: Faults) -> None:
    pages = in_turn(
        lambda a: a.say(200, listed(), link='<http://example.com/v2/x>; rel="next"'),
        lambda a: a.say(200, listed(DIGEST)),
    )
    with of(faults, pages) as registry:
        assert len(registry.referrers(DIGEST)) == 1
    assert faults.paths()[1] == "/v2/x"


def test_pages_without_end(faults: Faults) -> None:
    with (
        of(faults, lambda a: a.say(200, listed(), link='<?more>; rel="next"')) as registry,
        pytest.raises(ProviderError, match="pages"),
    ):
        registry.referrers(DIGEST)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"manifests": [{}]}', b'{"manifests": [{"digest": "x"}]}']
)
def test_what_is_no_list_of_referrers(faults: Faults, body: bytes) -> None:
    with of(faults, lambda a: a.say(200, body)) as registry, pytest.raises(LandedError):
        registry.referrers(DIGEST)


@pytest.mark.parametrize("status", [403, 500])
def test_referrers_that_are_refused_are_not_none(faults: Faults, status: int) -> None:
    with of(faults, lambda a: a.say(status)) as registry, pytest.raises(ProviderError):
        registry.referrers(DIGEST)
