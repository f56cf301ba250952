"""Where requests go, where they do not, and who is told who asks."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from landed.core.errors import ProviderError, UsageError
from landed.providers.oci.auth import Auth
from landed.providers.oci.registry import Registry
from providers.oci.faults import Faults
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
from providers.oci.servers import certificate


@pytest.mark.parametrize("asking", ["manifest", "blob"])
def test_a_redirect_to_another_host_is_not_told_who_asks(
    faults: Faults,
    asking: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nor is its signed address written into a log."""
    caplog.set_level(logging.DEBUG)
    known = {"authorization": f"Basic {SECRET}"}
    monkeypatch.setattr(Auth, "header", lambda _: known)
    body = BODY if asking == "manifest" else BLOB
    with Faults(lambda asked: asked.say(200, body)) as other:
        place = f"http://{other.host}/store?signed=yes"
        with of(faults, lambda asked: asked.say(307, location=place)) as registry:
            if asking == "manifest":
                assert registry.manifest(DIGEST) == BODY
            else:
                with registry.blob(digest_of(BLOB)) as stream:
                    assert stream.read() == BLOB
        assert [asked.path for asked in other.asked] == ["/store?signed=yes"]
        assert "authorization" not in other.asked[0].headers
    assert faults.asked[0].headers["authorization"] == known["authorization"]
    assert "signed" not in caplog.text


def test_a_redirect_within_the_host_is_told_who_asks(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Auth, "header", lambda _: {"authorization": SECRET})
    with of(faults, in_turn(lambda a: a.say(302, location="../there"), fine)) as registry:
        registry.manifest(DIGEST)
    assert [asked.headers["authorization"] for asked in faults.asked] == [SECRET] * 2
    assert faults.paths()[1] == "/v2/shop/worker/there"


def test_another_host_that_asks_who_asks_is_not_answered(faults: Faults) -> None:
    realm = 'Basic realm="mine"'
    with Faults(lambda asked: asked.say(401, www_authenticate=realm)) as other:
        place = f"http://{other.host}/store"
        with of(faults, lambda asked: asked.say(307, location=place)) as registry:
            with pytest.raises(ProviderError, match="status 401"):
                registry.manifest(DIGEST)
            with pytest.raises(ProviderError, match="status 401"), registry.blob(DIGEST):
                pass
        assert len(other.asked) == 2


@pytest.mark.parametrize(
    "place",
    [
        "http://example.com/blob",
        "http://169.254.169.254/latest",
        "ftp://127.0.0.1/blob",
        "file:///etc/passwd",
        "https://ann:word@127.0.0.1/blob",
    ],
)
def test_a_redirect_to_where_it_is_not_safe(faults: Faults, place: str) -> None:
    with of(faults, lambda asked: asked.say(307, location=place)) as registry:
        with pytest.raises(ProviderError, match="would not be safe"):
            registry.manifest(DIGEST)
        with pytest.raises(ProviderError, match="would not be safe"), registry.blob(DIGEST):
            pass


@pytest.mark.parametrize(
    "place",
    [
        "https://[",
        "http://a:99999999/",
        "https://a:65536/",
        "https://xn--/",
        "https://a..b/",
        "\x7f://",
    ],
)
def test_a_redirect_to_no_address(faults: Faults, place: str) -> None:
    with (
        of(faults, lambda asked: asked.say(307, location=place)) as registry,
        pytest.raises(ProviderError),
    ):
        registry.manifest(DIGEST)


@pytest.mark.parametrize("host", ["xn--.example", "[::::]", "[1]", f"{'a' * 70}.example"])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(UsageError, match="is no host"), Registry.open(reference(host), QUICK):
        pass


def test_redirects_without_end(faults: Faults) -> None:
    with (
        of(faults, lambda asked: asked.say(307, location="again")) as registry,
        pytest.raises(ProviderError, match="redirects more than"),
    ):
        registry.manifest(DIGEST)
    assert len(faults.asked) < 10


def test_from_https_never_to_http(
    tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = certificate(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(pair.certificate))
    place = f"http://{faults.host}/store"
    with (
        Faults(lambda asked: asked.say(307, location=place), pair=pair) as secure,
        Registry.open(reference(secure.host), QUICK) as registry,
        pytest.raises(ProviderError, match="would not be safe"),
    ):
        registry.manifest(DIGEST)
    assert faults.asked == []


def test_from_https_no_token_by_http(
    tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = certificate(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(pair.certificate))
    realm = f'Bearer realm="http://{faults.host}/token"'
    with (
        Faults(lambda asked: asked.say(401, www_authenticate=realm), pair=pair) as secure,
        Registry.open(reference(secure.host), QUICK) as registry,
        pytest.raises(ProviderError, match="would not be safe"),
    ):
        registry.manifest(DIGEST)
    assert faults.asked == []


def test_a_host_that_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with (
        Registry.open(reference("registry.example"), QUICK) as registry,
        pytest.raises(ProviderError, match="no host registry"),
    ):
        registry.resolve()


def test_nobody_listens(nobody: int) -> None:
    with (
        Registry.open(reference(f"127.0.0.1:{nobody}"), QUICK) as registry,
        pytest.raises(ProviderError, match="nobody listens") as raised,
    ):
        registry.resolve()
    assert "port" in raised.value.hint


def test_who_speaks_no_tls_where_it_has_to_be(faults: Faults) -> None:
    with Faults() as other:
        place = f"https://{other.host}/store"
        with (
            of(faults, lambda asked: asked.say(307, location=place)) as registry,
            pytest.raises(ProviderError, match="does not speak TLS"),
        ):
            registry.manifest(DIGEST)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read(
    tmp_path: Path, content: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "certificates.pem"
    if content:
        place.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(place))
    with (
        pytest.raises(UsageError) as raised,
        Registry.open(reference("registry.example"), QUICK),
    ):
        pass
    assert "SSL_CERT_FILE" in raised.value.hint


def test_plain_http_goes_past_every_proxy(
    faults: Faults, nobody: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{nobody}")
    with of(faults, fine) as registry:
        assert registry.resolve() == DIGEST
