from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from landed.core.errors import DataError, ProviderError, UsageError
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.instance import _free_port, _listens
from landed.localcloud.records import Share
from landed.localcloud.services import Services
from landed.localcloud.standing import Revision, Service
from localcloud.workshop import Workshop
from localcloud.yard import isolation
from waiting import until

__all__ = ["isolation"]
NAME = "front"
SERVER = """
import http.server, json, os
SAYS = {says!r}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({{"says": SAYS, "path": self.path, "env": dict(os.environ)}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): print("asked for", self.path, flush=True)
print("about to listen:", SAYS, flush=True)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
server.serve_forever()
"""


class Front:
    """A cloud with one service."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.cloud: LocalCloud = shop.cloud
        self.services: Services = shop.cloud.services

    def deploy(self, program: str, *, seconds: float = 60.0, tag: str = "front:latest") -> Revision:
        """Builds this program, deploys it, and waits until it is decided."""
        self.shop.write("app/__main__.py", program)
        self.shop.built(tag)
        made = self.services.deploy(NAME, tag, seconds=seconds)
        return self.services.ready(NAME, made.name)

    def serve(self, says: str) -> Revision:
        revision = self.deploy(SERVER.format(says=says))
        assert revision.state == "READY", (revision.why, self.services.logs(NAME))
        # It listens, and what it said before may be on its way still.
        until(lambda: self.said(revision.record.name))
        return revision

    def now(self) -> Service:
        return self.services.get(NAME)

    def ask(self, path: str = "/") -> dict[str, object]:
        port = self.services.awake(NAME).port
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            found: dict[str, object] = msgspec.json.decode(answer.read())
        return found

    def said(self, revision: str | None = None) -> list[str]:
        return [str(e.get("textPayload")) for e in self.services.logs(NAME, revision)]

    def running(self) -> set[str]:
        """The revisions that have an instance."""
        return {r.record.name for r in self.now().revisions if r.running}


@pytest.fixture
def front(shop: Workshop) -> Iterator[Front]:
    made = Front(shop)
    yield made
    for name in made.services.names():
        made.services.stop(name)


def test_it_serves_with_the_names_of_the_contract(front: Front, isolation: str) -> None:
    revision = front.serve("one")
    answer = front.ask("/x?y=1")
    assert (answer["says"], answer["path"]) == ("one", "/x?y=1")
    name = revision.record.name
    env = answer["env"]
    assert isinstance(env, dict)
    assert name.startswith("front-00001-")
    wanted = {"K_SERVICE": NAME, "K_REVISION": name, "K_CONFIGURATION": NAME}
    assert wanted.items() <= env.items()
    assert revision.running
    assert (env["PORT"], revision.running.isolation or isolation) == (
        str(revision.running.port), isolation,
    )  # fmt: skip
    front.services.stop(NAME)
    assert front.services.instances(NAME)[0].isolation == isolation


def test_a_revision_is_what_the_image_meant_when_it_was_made(front: Front) -> None:
    first = front.serve("one")
    front.shop.write("app/__main__.py", SERVER.format(says="two"))
    moved = front.shop.built("front:latest")
    again = front.now().revisions[0].record
    assert (again.image, again.digest) == ("front:latest", first.record.digest)
    assert moved != first.record.digest
    front.services.stop(NAME)
    assert front.ask()["says"] == "one"


def test_the_next_revision_takes_over_and_the_one_before_rests(front: Front) -> None:
    first, second = front.serve("one"), front.serve("two")
    until(lambda: front.running() == {second.record.name})
    assert front.ask()["says"] == "two"
    service = front.now()
    assert service.latest_ready
    assert service.latest_ready.record == second.record
    assert [one.state for one in service.revisions] == ["READY", "READY"]
    ended = {i.revision: i.status for i in front.services.instances(NAME)}
    assert ended[first.record.name] == "CANCELLED"
    assert second.record.name.startswith("front-00002-")
    assert len(service.record.history) == 1


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("raise SystemExit(3)", "it ended with exit code 3 before it listened on PORT"),
        ("1 / 0", "it ended with exit code 1 before"),
        ("print('done')", "it ended with exit code 0 before"),
        ("import time\ntime.sleep(600)", "it did not listen on PORT"),
    ],
)
def test_one_that_does_not_listen_leaves_the_traffic_where_it_was(
    front: Front, program: str, why: str
) -> None:
    front.serve("one")
    # How long a busy machine takes until a program ends by itself is no matter here.
    failed = front.deploy(program, seconds=1.0 if "sleep" in program else 60.0)
    assert failed.state == "FAILED"
    assert failed.why.startswith(why)
    service = front.now()
    assert service.latest.record == failed.record
    assert [one.record for _, one in service.serving()] == [service.revisions[0].record]
    assert front.ask()["says"] == "one"
    assert front.running() == {service.revisions[0].record.name}


def test_whether_it_listens_is_asked_once_after_the_time_is_over() -> None:
    """A machine that stood still for all of it has not looked."""
    running = SimpleNamespace(poll=lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert _listens(cast("Any", running), server.getsockname()[1], 0)


def test_two_that_look_for_a_port_at_once_find_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither has it yet when the other one looks."""
    mine = _free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", mine))
        assert _free_port() != mine
    another = os.getpid() + 1
    monkeypatch.setattr(os, "getpid", lambda: another)
    assert _free_port() != mine


def test_a_service_that_never_was_ready_serves_nothing(front: Front) -> None:
    front.deploy("raise SystemExit(3)")
    assert front.now().serving() == []
    with pytest.raises(ProviderError, match="exit code 3"):
        front.services.awake(NAME)


def test_traffic_goes_where_it_is_told(front: Front) -> None:
    first, second = front.serve("one").record.name, front.serve("two").record.name
    front.services.route(NAME, [Share(percent=100, revision=first)])
    assert front.ask()["says"] == "one"
    until(lambda: front.running() == {first})
    third = front.serve("three").record.name
    # Pinned: the new one is ready, and gets nothing.
    until(lambda: front.running() == {first})
    assert front.ask()["says"] == "one"
    front.services.route(NAME, [Share(percent=50, revision=first), Share(percent=50)])
    answers = {front.ask()["says"] for _ in range(40)}
    assert answers == {"one", "three"}
    assert front.running() == {first, third}
    service = front.services.route(NAME, [Share(percent=100)], by="somebody")
    assert [(s.percent, r.record.name) for s, r in service.serving()] == [(100, third)]
    assert service.record.spec.updated_by == "somebody"
    assert front.running() == {third}
    assert second not in front.running()


@pytest.mark.parametrize("shares", [[], [99], [50, 51], [101, -1]])
def test_shares_make_a_hundred(front: Front, shares: list[int]) -> None:
    front.serve("one")
    with pytest.raises(UsageError, match="100 percent"):
        front.services.route(NAME, [Share(percent=number) for number in shares])


def test_no_traffic_for_one_that_is_not_ready(front: Front) -> None:
    front.serve("one")
    failed = front.deploy("raise SystemExit(3)").record.name
    with pytest.raises(UsageError, match="is not ready"):
        front.services.route(NAME, [Share(percent=100, revision=failed)])
    with pytest.raises(UsageError, match="no revision `front-00009-xxx`"):
        front.services.route(NAME, [Share(percent=100, revision="front-00009-xxx")])


def test_stopped_it_keeps_its_revisions_and_entries_and_wakes_up_for_a_request(
    front: Front,
) -> None:
    front.serve("one")
    assert [one.status for one in front.services.stop(NAME)] == ["RUNNING"]
    assert front.running() == set()
    assert front.services.stop(NAME) == []
    assert front.said() == ["about to listen: one"]
    assert front.now().latest.state == "READY"
    assert front.ask()["says"] == "one"
    assert len(front.services.instances(NAME)) == 2


def test_entries_are_told_apart_by_revision(front: Front) -> None:
    first, second = front.serve("one").record.name, front.serve("two").record.name
    assert front.said(first) == ["about to listen: one"]
    assert front.said(second) == ["about to listen: two"]
    assert front.said() == ["about to listen: one", "about to listen: two"]
    entry = front.services.logs(NAME, first)[0]
    assert entry["resource"] == {
        "type": "cloud_run_revision",
        "labels": {
            "service_name": NAME,
            "revision_name": first,
            "configuration_name": NAME,
            "location": "local",
            "project_id": "local",
        },
    }
    assert entry["labels"] == {"instanceId": front.now().revisions[0].record.instance}
    with pytest.raises(UsageError, match="no revision"):
        front.services.logs(NAME, "../../x")


def test_a_supervisor_that_is_killed_takes_the_instance_with_it(
    front: Front, isolation: str
) -> None:
    revision = front.serve("one")
    instance = revision.running
    assert isolation
    assert instance
    assert instance.supervisor
    os.kill(instance.supervisor, signal.SIGKILL)
    until(lambda: front.running() == set())
    assert front.services.instances(NAME)[0].status == "LOST"
    # It was ready, and stays so: the next request starts it again.
    assert front.now().latest.state == "READY"
    assert front.ask()["says"] == "one"


def test_one_killed_before_it_listened_never_was_ready(front: Front) -> None:
    front.shop.write("app/__main__.py", "import time\ntime.sleep(600)")
    front.shop.built("front:latest")
    made = front.services.deploy(NAME, "front:latest", seconds=600)
    supervisor = until(lambda: front.services.instances(NAME)[0].supervisor)
    assert front.now().latest.state == "DEPLOYING"
    os.kill(supervisor, signal.SIGKILL)
    failed = front.services.ready(NAME, made.name)
    assert (failed.state, failed.why) == ("FAILED", "its supervisor died")


def test_a_crash_of_its_own_is_seen(front: Front) -> None:
    program = SERVER.format(says="one") + "\n"
    program = program.replace("def do_GET(self):", "def do_GET(self):\n        os._exit(9)")
    front.deploy(program)
    with pytest.raises(OSError):  # noqa: PT011 - however the connection ends
        front.ask()
    until(lambda: front.running() == set())
    ended = front.services.instances(NAME)[0]
    assert (ended.status, ended.exit_code) == ("FAILED", 9)
    assert front.now().latest.state == "READY"


def test_variables_stay_unless_others_are_given(front: Front) -> None:
    front.shop.write("app/__main__.py", SERVER.format(says="one"))
    front.shop.built("front:latest")
    for env in ({"A": "1"}, None):
        made = front.services.deploy(NAME, "front:latest", env)
        assert front.services.ready(NAME, made.name).record.env == {"A": "1"}
    seen = front.ask()["env"]
    assert isinstance(seen, dict)
    assert seen["A"] == "1"


def test_nothing_is_made_of_an_image_that_is_not_there_or_says_no_command(front: Front) -> None:
    with pytest.raises(UsageError, match="not in the store"):
        front.services.deploy(NAME, "nothing:latest")
    front.shop.write("Dockerfile", "FROM scratch\nCOPY app /app\n")
    front.shop.built("front:latest")
    with pytest.raises(UsageError, match="no command"):
        front.services.deploy(NAME, "front:latest")
    assert front.services.names() == []


@pytest.mark.parametrize("name", ["", "Front", "a/b", "..", "a" * 50, "a-", "1a"])
def test_names_are_those_of_cloud_run(front: Front, name: str) -> None:
    with pytest.raises(UsageError, match="no service's name"):
        front.services.find(name)


def test_two_deployments_at_once_make_two_revisions(front: Front) -> None:
    front.shop.write("app/__main__.py", SERVER.format(says="one"))
    front.shop.built("front:latest")
    program = (
        "import sys; from pathlib import Path; from landed.localcloud.cloud import LocalCloud;"
        "s = LocalCloud(Path(sys.argv[1])).services;"
        "print(s.ready('front', s.deploy('front', 'front:latest').name).state)"
    )
    import sys

    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(front.cloud.root)], stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    assert [one.communicate(timeout=60)[0] for one in both] == [b"READY\n"] * 2
    names = [one.record.name[:11] for one in front.now().revisions]
    assert names == ["front-00001", "front-00002"]
    until(lambda: front.running() == {front.now().latest.record.name})


def test_a_first_instance_without_its_record_is_damage(front: Front) -> None:
    revision = front.serve("one")
    front.services.stop(NAME)
    folder = front.cloud.root / "services" / NAME / "instances" / revision.record.instance
    (folder / "instance.json").unlink()
    with pytest.raises(DataError, match="no record"):
        front.now()
    folder.rename(Path(f"{folder}.away"))
    with pytest.raises(DataError, match="no record"):
        front.now()
    Path(f"{folder}.away").rename(folder)
    front.services.names()
    (front.cloud.root / "services" / NAME / "service.json").unlink()
