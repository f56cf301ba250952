"""Who asks, and where: from the user's own environment, and never from a stranger's settings."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from landed.config import EnvironmentSettings
from landed.core.errors import LandedError, ProviderError, UsageError
from landed.http.transport import Transport
from landed.providers.gcp import credentials
from landed.providers.gcp.credentials import Who
from landed.providers.gcp.place import place
from providers.gcp.google import QUICK, TOKEN
from providers.oci.faults import Asked, Faults

SETTINGS = EnvironmentSettings(provider="gcp", project="shop-1234", region="europe-west1")


def test_the_settings_come_first() -> None:
    environ = {"CLOUDSDK_CORE_PROJECT": "other-1234", "CLOUDSDK_RUN_REGION": "us-east1"}
    found = place(SETTINGS, environ)
    assert (found.project, found.region) == ("shop-1234", "europe-west1")
    assert found.build_region == "europe-west1"


def test_where_they_are_silent_gclouds_own_variables() -> None:
    environ = {
        "CLOUDSDK_CORE_PROJECT": "shop-1234",
        "CLOUDSDK_RUN_REGION": "us-east1",
        "CLOUDSDK_BUILDS_REGION": "us-west1",
        "GOOGLE_CLOUD_PROJECT": "shop-1234",
    }
    found = place(EnvironmentSettings(provider="gcp"), environ)
    assert (found.project, found.region, found.build_region) == (
        "shop-1234",
        "us-east1",
        "us-west1",
    )


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "which project"),
        ({"CLOUDSDK_CORE_PROJECT": "a-project", "GOOGLE_CLOUD_PROJECT": "b-project"}, "different"),
        ({"CLOUDSDK_CORE_PROJECT": "a-project"}, "which region"),
        ({"CLOUDSDK_CORE_PROJECT": "../x", "CLOUDSDK_RUN_REGION": "r"}, "no project"),
    ],
)
def test_nothing_is_guessed(environ: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        place(EnvironmentSettings(provider="gcp"), environ)
    assert raised.value.hint


@pytest.mark.parametrize("address", ["http://evil.example/", "ftp://x", "http://127.0.0.1@evil/"])
def test_a_token_does_not_go_where_somebody_reads_along(address: str) -> None:
    with pytest.raises(UsageError, match="no address where a token would be safe"):
        place(SETTINGS, {"CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN": address})


def test_settings_name_no_address() -> None:
    """A stranger's landed.toml must not get the token."""
    assert not [name for name in EnvironmentSettings.__struct_fields__ if "endpoint" in name]
    assert place(SETTINGS, {}).address("run") == "https://run.googleapis.com"


@pytest.fixture
def transport() -> Any:
    return Transport(QUICK)


def found(environ: dict[str, str], transport: Transport) -> Who:
    who = Who({"PATH": "", "CLOUDSDK_CONFIG": "/nowhere", **environ}, transport)
    who.header()
    return who


def test_a_token_from_a_file(tmp_path: Path, transport: Transport) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    who = found({credentials.TOKEN_FILE: str(file)}, transport)
    assert who.header() == {"authorization": f"Bearer {TOKEN}"}
    assert TOKEN not in who.name


@pytest.mark.parametrize("text", ["", "two\nlines", "a b"])
def test_a_file_without_a_token(tmp_path: Path, transport: Transport, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(ProviderError, match="gives no token"):
        found({credentials.TOKEN_FILE: str(file)}, transport)


def test_a_file_that_is_not_there(tmp_path: Path, transport: Transport) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        found({credentials.TOKEN_FILE: str(tmp_path / "none")}, transport)


def test_nothing_at_all(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_on_google", lambda _: False)
    with pytest.raises(UsageError, match="no credentials for Google Cloud") as raised:
        found({}, transport)
    assert "gcloud auth login" in raised.value.hint


def gcloud(folder: Path, body: str) -> dict[str, str]:
    """A program of this name: what a user's own gcloud would do is not asked here."""
    program = folder / "gcloud"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": str(folder)}


def test_gclouds_account_comes_last(
    tmp_path: Path, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_on_google", lambda _: False)
    environ = gcloud(tmp_path, f'echo "$*" >> {tmp_path}/asked; echo {TOKEN}')
    who = found(environ, transport)
    assert who.header() == {"authorization": f"Bearer {TOKEN}"}
    assert (tmp_path / "asked").read_text() == "auth print-access-token --quiet\n"
    file = tmp_path / "token"
    file.write_text("another-token")
    found({**environ, credentials.TOKEN_FILE: str(file)}, transport)
    assert (tmp_path / "asked").read_text().count("\n") == 1


@pytest.mark.parametrize(
    ("body", "seconds", "words"),
    [
        ("echo 'You do not have an active account' >&2; exit 1", 60, "active account"),
        ("exec sleep 600", 0.5, "no token within"),
    ],
)
def test_a_gcloud_that_gives_none(
    tmp_path: Path,
    transport: Transport,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    seconds: float,
    words: str,
) -> None:
    monkeypatch.setattr(credentials, "_on_google", lambda _: False)
    monkeypatch.setattr(credentials, "GCLOUD_SECONDS", seconds)
    environ = gcloud(tmp_path, body)
    with pytest.raises(ProviderError, match=words):
        found({"PATH": f"{environ['PATH']}:{os.environ['PATH']}"}, transport)


def user(folder: Path, host: str) -> dict[str, str]:
    """Application default credentials, as gcloud writes them."""
    file = folder / "application_default_credentials.json"
    held = {
        "type": "authorized_user",
        "client_id": "client",
        "client_secret": "hush-hush",
        "refresh_token": "refresh-hush",
        "token_uri": f"http://{host}/token",
    }
    file.write_text(json.dumps(held))
    return {"CLOUDSDK_CONFIG": str(folder)}


def test_application_default_credentials(tmp_path: Path) -> None:
    def give(asked: Asked) -> None:
        assert b"refresh_token=refresh-hush" in asked.body
        body = {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}
        asked.say(200, json.dumps(body).encode(), content_type="application/json")

    with Faults(give) as server:
        environ = user(tmp_path, server.host)
        code = user_code(tmp_path, environ)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
    assert done.stdout.split() == [f"Bearer:{TOKEN}", "requests:False"]


def user_code(folder: Path, environ: dict[str, str]) -> str:
    """In a process of its own, to see what it loads; the token's address is a test's."""
    file = folder / "application_default_credentials.json"
    address = json.loads(file.read_text())["token_uri"]
    return (
        "import sys; from google.oauth2 import credentials as c; "
        f"c._GOOGLE_OAUTH2_TOKEN_ENDPOINT = {address!r}\n"
        "from landed.http.patience import Patience; from landed.http.transport import Transport\n"
        "from landed.providers.gcp.credentials import Who\n"
        f"who = Who({environ!r}, Transport(Patience()))\n"
        "print(who.header()['authorization'].replace(' ', ':'))\n"
        "print(f\"requests:{'requests' in sys.modules}\")\n"
    )


def test_a_login_that_has_expired(tmp_path: Path, transport: Transport) -> None:
    """Google refuses the stored login: in words, and without the login itself."""
    wrong = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    with Faults(lambda asked: asked.say(400, json.dumps(wrong).encode())) as server:
        environ = user(tmp_path, server.host)
        import google.oauth2.credentials as theirs

        address = f"http://{server.host}/token"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(theirs, "_GOOGLE_OAUTH2_TOKEN_ENDPOINT", address)
            with pytest.raises(LandedError, match="invalid_grant") as raised:
                found(environ, transport)
    assert "hush" not in raised.value.message
    assert "gcloud auth" in raised.value.hint


def test_a_broken_file_of_credentials(tmp_path: Path, transport: Transport) -> None:
    (tmp_path / "application_default_credentials.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read"):
        found({"CLOUDSDK_CONFIG": str(tmp_path)}, transport)


def test_without_google_auth(tmp_path: Path) -> None:
    """A token in a file needs nothing; what does need it says what to install."""
    environ = user(tmp_path, "127.0.0.1:1")
    code = (
        "import sys; sys.modules['google.auth'] = None; sys.modules['google'] = None\n"
        "from landed.http.patience import Patience; from landed.http.transport import Transport\n"
        "from landed.providers.gcp.credentials import Who\n"
        f"Who({environ!r}, Transport(Patience())).header()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert "google-auth is not installed" in done.stderr


def test_impersonation(
    tmp_path: Path, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google.auth import iam

    file = tmp_path / "token"
    file.write_text(TOKEN)
    target = "reader@shop-1234.iam.gserviceaccount.com"

    def give(asked: Asked) -> None:
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        body = {"accessToken": "their-token", "expireTime": "2099-01-01T00:00:00Z"}
        asked.say(200, json.dumps(body).encode(), content_type="application/json")

    with Faults(give) as server:
        address = f"http://{server.host}/{{}}:generateAccessToken"
        monkeypatch.setattr(iam, "_IAM_ENDPOINT", address)
        environ = {credentials.TOKEN_FILE: str(file), credentials.IMPERSONATE: target}
        who = found(environ, transport)
    assert who.header() == {"authorization": "Bearer their-token"}
    assert target in who.name
