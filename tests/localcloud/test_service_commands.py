"""The commands of services, as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.test_services import SERVER
from localcloud.yard import Yard
from schemas import validate


class Shell:
    """A service `front` at the command line."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard

    def build(self, program: str) -> None:
        self.yard.build(self.yard.source(main_py=program), "front:latest")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "landed", "cloud", *words],
            cwd=self.yard.folder, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def document(self, *words: str, code: int = 0) -> dict[str, Any]:
        """The one document on stdout, held against its schema."""
        done = self.run(*words, "--json")
        assert done.returncode == code, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        validate(found)
        return found

    def requests(self) -> list[dict[str, Any]]:
        """What the place itself says of requests."""
        return [one for one in self.yard.cloud.services.logs("front") if "httpRequest" in one]


@pytest.fixture
def shell(yard: Yard) -> Iterator[Shell]:
    made = Shell(yard)
    yield made
    for name in yard.cloud.services.names():
        yard.cloud.services.stop(name)


DEPLOY = ("deploy", "front", "--image", "front:latest")


def test_from_the_first_deployment_to_the_end(shell: Shell) -> None:
    shell.build(SERVER.format(says="one"))
    done = shell.run(*DEPLOY, "--service", "--env", "A=1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].endswith("is ready")
    assert "100 % of front's traffic" in done.stdout
    done = shell.run("request", "front", "/x")
    assert done.returncode == 0
    assert json.loads(done.stdout)["path"] == "/x"
    assert done.stderr.startswith("200 from front-00001-")
    # The name is a service's: --service is not needed again, and what fails moves nothing.
    shell.build("raise SystemExit(3)")
    done = shell.run(*DEPLOY)
    assert done.returncode == 1
    assert "it ended with exit code 3 before it listened" in done.stdout
    assert "the traffic stays where it was: front-00001-" in done.stdout
    found = shell.document("traffic", "front")
    assert [one["state"] for one in found["revisions"]] == ["FAILED", "READY"]
    assert found["latest_created"] != found["latest_ready"]
    assert [one["percent"] for one in found["revisions"]] == [0, 100]
    assert shell.document("stop", "front")["stopped"]
    assert shell.run("stop", "front").stdout == "front: 0 instances stopped\n"
    done = shell.run("traffic", "front")
    assert "an instance runs" not in done.stdout
    done = shell.run("logs", "front")
    assert done.stdout.startswith("revision front-00001-")
    assert "about to listen: one" in done.stdout


def test_traffic_and_entries_by_revision(shell: Shell) -> None:
    for says in ("one", "two"):
        shell.build(SERVER.format(says=says))
        found = shell.document(*DEPLOY, "--service")
    second, first = (one["name"] for one in found["revisions"])
    assert found["traffic"] == [{"revision": None, "percent": 100}]
    found = shell.document("traffic", "front", "--to", f"{first}=100")
    assert [one["percent"] for one in found["revisions"]] == [0, 100]
    reply = shell.document("request", "front")
    assert (reply["revision"], reply["status"], reply["cut"]) == (first, 200, False)
    found = shell.document("logs", "front", "--revision", second)
    assert [entry["textPayload"] for entry in found["entries"]] == ["about to listen: two"]
    shell.document("traffic", "front", "--to-latest")
    assert shell.document("request", "front")["revision"] == second


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("request", "nosuch"), 2, "there is no service `nosuch`"),
        (("request", "front", "x"), 2, "is no path"),
        (("traffic", "front", "--to", "x"), 2, "is no REVISION=PERCENT"),
        (("traffic", "front", "--to", "front-1=100"), 2, "no revision `front-1`"),
        (("traffic", "front", "--to", "latest=99"), 2, "100 percent"),
        (("traffic", "front", "--to-latest", "--to", "latest=100"), 2, "--to-latest"),
        (("stop", "nosuch"), 2, "there is no service"),
        (("logs", "front", "--revision", "x"), 2, "no revision `x`"),
        (("logs", "front", "--execution", "x"), 2, "there is no job `front`"),
        (("logs", "nosuch"), 2, "there is no job `nosuch`, and no service"),
        (("request", "front", "--timeout", "0.5", "/slow"), 4, "did not answer within 0.5 s"),
        (("request", "front", "/gone"), 4, "gave no answer"),
    ],
)
def test_what_goes_wrong_is_said(
    shell: Shell, words: tuple[str, ...], code: int, said: str
) -> None:
    program = SERVER.format(says="one").replace(
        "def do_GET(self):",
        'def do_GET(self):\n        if self.path == "/gone": return\n'
        '        while self.path == "/slow": self.wfile.write(b"H"), __import__("time").sleep(0.1)',
    )
    shell.build(program)
    shell.document(*DEPLOY, "--service")
    found = shell.document(*words, code=code)
    assert said in found["error"]
    assert found["hint"]
    told = [one["httpRequest"]["status"] for one in shell.requests()]
    assert told == {"/slow": [504], "/gone": [503]}.get(words[-1], [])


def test_a_job_and_a_service_may_share_a_name(shell: Shell) -> None:
    shell.build("print('the job')")
    assert shell.document(*DEPLOY)["schema"] == "landed/cloud-deploy/v1"
    assert shell.run("execute", "front", "--wait").returncode == 0
    shell.build(SERVER.format(says="one"))
    name = shell.document(*DEPLOY, "--service")["latest_ready"]
    assert shell.document(*DEPLOY)["schema"] == "landed/cloud-deploy/v1"
    assert [e["textPayload"] for e in shell.document("logs", "front")["entries"]] == ["the job"]
    found = shell.document("logs", "front", "--revision", name)
    assert found["service"] == "front"
    assert found["entries"]
