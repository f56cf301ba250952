"""Who asks: against real registries that want a password or a token."""

from __future__ import annotations

import base64
import json
import logging
import shutil
import stat
import traceback
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from landed.content.image.reference import Reference
from landed.core.errors import LandedError, ProviderError, UsageError
from landed.http.patience import Patience
from landed.providers.oci import credentials
from landed.providers.oci.auth import Challenge, challenges
from landed.providers.oci.registry import Registry
from providers.oci.faults import Asked, Faults
from providers.oci.faulty import QUICK
from providers.oci.painters import Painted, run
from providers.oci.servers import PASSWORD, REFRESH, USER, Served, TokenServer

TAG = "by-buildah"
WRONG = "wrong-pass-of-ann"
SECRETS = (PASSWORD, WRONG, REFRESH, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())


@pytest.fixture(autouse=True)
def _silence(caplog: pytest.LogCaptureFixture) -> Any:
    """Whatever a test does, no secret is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    assert not any(secret in caplog.text for secret in SECRETS)


def configured(home: Path, document: dict[str, Any]) -> None:
    place = home / ".docker" / "config.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(document))


def stored(home: Path, host: str, password: str = PASSWORD) -> None:
    auth = base64.b64encode(f"{USER}:{password}".encode()).decode()
    configured(home, {"auths": {host: {"auth": auth}}})


def helper(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential helper on the PATH."""
    place = folder / "bin" / f"docker-credential-{name}"
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(place.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(place.parent), prepend=":")


def look(images: Painted, served: Served, patience: Patience = QUICK) -> None:
    """Reads all that there is of an image: what a stranger may not."""
    with Registry.open(images.reference(TAG, served), patience) as registry:
        digest = registry.resolve()
        assert digest == images.digests[TAG]
        manifest = json.loads(registry.manifest(digest))
        with registry.blob(manifest["layers"][0]["digest"]) as stream:
            assert len(stream.read()) == manifest["layers"][0]["size"]
        assert isinstance(registry.referrers(digest), list)


def failure(images: Painted, served: Served, patience: Patience = QUICK) -> LandedError:
    with pytest.raises(LandedError) as raised:
        look(images, served, patience)
    shown = "".join(traceback.format_exception(raised.value)) + raised.value.hint
    shown += "".join(repr(error) for error in (raised.value, raised.value.__cause__))
    assert not any(secret in shown for secret in SECRETS)
    return raised.value


@pytest.fixture(params=["locked_registry", "token_registry"])
def guarded(request: pytest.FixtureRequest) -> Served:
    served: Served = request.getfixturevalue(request.param)
    return served


def test_without_credentials(images: Painted, guarded: Served) -> None:
    found = failure(images, guarded)
    assert isinstance(found, ProviderError)
    assert "no credentials are stored" in found.message
    assert f"docker login {guarded.host}" in found.hint


def test_with_docker_s_configuration(images: Painted, guarded: Served, tmp_path: Path) -> None:
    stored(tmp_path, guarded.host)
    look(images, guarded)


def test_with_a_configuration_elsewhere(
    images: Painted, guarded: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(tmp_path, guarded.host)
    (tmp_path / ".docker").rename(tmp_path / "elsewhere")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "elsewhere"))
    look(images, guarded)


def test_with_wrong_credentials(images: Painted, guarded: Served, tmp_path: Path) -> None:
    stored(tmp_path, guarded.host, WRONG)
    found = failure(images, guarded)
    assert "does not accept" in found.message
    assert f"docker login {guarded.host}" in found.hint
    assert "\x1b" not in found.message


def test_with_what_a_real_login_wrote(
    images: Painted, locked_registry: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Podman's file as podman's family writes it; and the same file at docker's place."""
    place = tmp_path / "run" / "containers" / "auth.json"
    place.parent.mkdir(parents=True)
    run("skopeo", "login", "--authfile", str(place), "--tls-verify=false", "-u", USER, "-p",
        PASSWORD, locked_registry.host, folder=tmp_path)  # fmt: skip
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    look(images, locked_registry)
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    (tmp_path / ".docker").mkdir()
    shutil.copy(place, tmp_path / ".docker" / "config.json")
    look(images, locked_registry)


@pytest.mark.parametrize("key", ["credHelpers", "credsStore"])
def test_with_a_helper(
    images: Painted, guarded: Served, tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = json.dumps({"ServerURL": "x", "Username": USER, "Secret": PASSWORD})
    script = f'read host; [ "$1 $host" = "get {guarded.host}" ] && echo \'{answer}\''
    helper(tmp_path, "of-ann_1", script, monkeypatch)
    configured(tmp_path, {key: {guarded.host: "of-ann_1"} if key == "credHelpers" else "of-ann_1"})
    look(images, guarded)


def test_a_helper_that_knows_nothing_is_as_good_as_none(
    images: Painted, guarded: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "echo credentials not found in native keychain; exit 1"
    helper(tmp_path, "empty", script, monkeypatch)
    configured(tmp_path, {"credsStore": "empty"})
    assert "no credentials are stored" in failure(images, guarded).message


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (f"echo {PASSWORD}; echo {PASSWORD} >&2; exit 3", "ended 3"),
        (f"echo {PASSWORD}", "answered no credentials"),
        ("exec sleep 600", "did not answer within"),
    ],
)
def test_a_helper_that_fails(
    images: Painted,
    locked_registry: Served,
    tmp_path: Path,
    script: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helper(tmp_path, "bad", script, monkeypatch)
    configured(tmp_path, {"credHelpers": {locked_registry.host: "bad"}})
    hasty = replace(QUICK, helper=1) if "sleep" in script else QUICK
    found = failure(images, locked_registry, hasty)
    assert words in found.message
    assert found.hint


@pytest.mark.parametrize("name", ["../evil", "a/b", "a;b", "a b", "ä"])
def test_a_helper_s_name_is_only_a_name(
    images: Painted, locked_registry: Served, tmp_path: Path, name: str
) -> None:
    configured(tmp_path, {"credsStore": name})
    assert "no credential helper's name" in failure(images, locked_registry).message


def test_a_helper_that_is_not_there(
    images: Painted, locked_registry: Served, tmp_path: Path
) -> None:
    configured(tmp_path, {"credsStore": "of-nobody"})
    assert (
        "docker-credential-of-nobody is not installed" in failure(images, locked_registry).message
    )


@pytest.mark.parametrize(
    "text",
    [f'{{"auths": "{PASSWORD}"}}', PASSWORD, f'{{"auths": {{"HOST": {{"auth": "{PASSWORD}"}}}}}}'],
)
def test_a_damaged_configuration(
    images: Painted, locked_registry: Served, tmp_path: Path, text: str
) -> None:
    configured(tmp_path, {})
    (tmp_path / ".docker/config.json").write_text(text.replace("HOST", locked_registry.host))
    found = failure(images, locked_registry)
    assert isinstance(found, UsageError)
    assert "config.json" in found.message


@pytest.mark.parametrize("way", ["file", "helper"])
def test_with_an_identity_token(
    images: Painted,
    token_registry: Served,
    tokens: TokenServer,
    tmp_path: Path,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if way == "file":
        entry = {"auth": base64.b64encode(b"00000000:").decode(), "identitytoken": REFRESH}
        configured(tmp_path, {"auths": {token_registry.host: entry}})
    else:
        answer = json.dumps({"ServerURL": "x", "Username": "<token>", "Secret": REFRESH})
        helper(tmp_path, "tokens", f"echo '{answer}'", monkeypatch)
        configured(tmp_path, {"credsStore": "tokens"})
    tokens.asked.clear()
    look(images, token_registry)
    assert [asked["method"] for asked in tokens.asked] == ["POST"]
    assert tokens.asked[0]["grant_type"] == ["refresh_token"]
    assert tokens.asked[0]["scope"] == ["repository:shop/worker:pull"]


def test_a_public_image_needs_no_credentials_and_one_token(
    images: Painted, token_registry: Served, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "public", True)
    tokens.asked.clear()
    look(images, token_registry)
    look(images, token_registry)
    assert [(asked["method"], asked["who"]) for asked in tokens.asked] == [("GET", "")]


def test_a_token_of_one_name_is_not_used_for_another(
    images: Painted, token_registry: Served, tmp_path: Path
) -> None:
    stored(tmp_path, token_registry.host)
    look(images, token_registry)
    stored(tmp_path, token_registry.host, WRONG)
    assert "does not accept" in failure(images, token_registry).message


def test_a_token_that_is_no_longer_good_is_replaced(faults: Faults) -> None:
    """The token of the first answer is refused from the third question on."""
    given: list[str] = []
    digest = f"sha256:{'a' * 64}"

    def answer(asked: Asked) -> None:
        if asked.path.startswith("/token"):
            given.append(f"token-{len(given)}")
            asked.say(200, json.dumps({"token": given[-1]}).encode())
        elif asked.headers.get("authorization") != f"Bearer token-{min(1, len(faults.asked) // 4)}":
            asked.say(401, www_authenticate=f'Bearer realm="http://{faults.host}/token"')
        else:
            asked.say(200, docker_content_digest=digest)

    faults.answer = answer
    reference = Reference(host=faults.host, repository="a/b", tag="v1")
    with Registry.open(reference, QUICK) as registry:
        for _ in range(3):
            assert registry.resolve() == digest
    assert given == ["token-0", "token-1"]


@pytest.mark.parametrize(
    "realm",
    [
        "http://example.com/token",
        "http://127.0.0.1@example.com/token",
        "https://ann:word@127.0.0.1/token",
        "ftp://127.0.0.1/token",
        "//127.0.0.1/token",
        "file:///etc/passwd",
        "http://[::1/token",
        "https://127.0.0.1:99999999/token",
        "https://xn--/token",
        "",
    ],
)
def test_a_token_is_not_asked_for_where_a_password_is_not_safe(
    faults: Faults, tmp_path: Path, realm: str
) -> None:
    stored(tmp_path, faults.host)
    faults.answer = lambda asked: asked.say(401, www_authenticate=f'Bearer realm="{realm}"')
    reference = Reference(host=faults.host, repository="a/b", tag="v1")
    with (
        Registry.open(reference, QUICK) as registry,
        pytest.raises(ProviderError, match="would not be safe"),
    ):
        registry.resolve()
    assert all("authorization" not in asked.headers for asked in faults.asked)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"token": ""}', b'{"token": "a\\r\\nb: c"}', b"<"])
def test_an_answer_without_a_token(faults: Faults, body: bytes) -> None:
    def answer(asked: Asked) -> None:
        if asked.path.startswith("/token"):
            asked.say(200, body)
        else:
            asked.say(401, www_authenticate=f'Bearer realm="http://{faults.host}/token"')

    faults.answer = answer
    reference = Reference(host=faults.host, repository="a/b", tag="v1")
    with (
        Registry.open(reference, QUICK) as registry,
        pytest.raises(ProviderError, match="without a token"),
    ):
        registry.resolve()


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (
            'Bearer realm="https://a/t?x=1",service="s",scope="repository:a:pull,push"',
            [("bearer", {"realm": "https://a/t?x=1", "service": "s",
                         "scope": "repository:a:pull,push"})],
        ),
        ('BASIC realm="a \\"b\\""', [("basic", {"realm": 'a "b"'})]),
        (
            'Negotiate, Basic realm="a", Bearer realm=b , service = "c"',
            [("negotiate", {}), ("basic", {"realm": "a"}),
             ("bearer", {"realm": "b", "service": "c"})],
        ),
        ("", []),
        ("=,=,=", []),
        ('Bearer realm="unended', [("bearer", {})]),
    ],
)  # fmt: skip
def test_challenges(header: str, found: list[tuple[str, dict[str, str]]]) -> None:
    assert challenges(header) == [Challenge(scheme=s, parameters=p) for s, p in found]


def test_a_hostile_challenge_takes_no_time() -> None:
    challenges('Bearer realm="' + "\\" * 60_000)
    challenges("a" * 60_000 + " " * 60_000)
    challenges("a=" * 30_000)


def test_docker_hub_s_entry_has_its_old_name(tmp_path: Path) -> None:
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    configured(tmp_path, {"auths": {"https://index.docker.io/v1/": {"auth": auth}}})
    hub = Reference(host="docker.io", repository="library/a", tag="v1")
    found = credentials.find(hub, 1)
    assert found == credentials.Credentials(username=USER, password=PASSWORD)
    assert PASSWORD not in repr(found)
    assert PASSWORD not in f"{found}"


def test_the_nearest_entry_counts(tmp_path: Path) -> None:
    def auth(name: str) -> dict[str, str]:
        return {"auth": base64.b64encode(f"{name}:x".encode()).decode()}

    entries = {"https://a.example/v2/": auth("host"), "a.example/shop": auth("folder")}
    configured(tmp_path, {"auths": entries | {"b.example": {}}})
    for name, user in (("shop/x", "folder"), ("shopping/x", "host")):
        found = credentials.find(Reference(host="a.example", repository=name), 1)
        assert found
        assert found.username == user
    assert credentials.find(Reference(host="b.example", repository="x"), 1) is None
