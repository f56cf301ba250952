"""How a remote is asked: whose configuration applies, and what must not be said aloud."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from git_world import World, world
from landed.content.git.process import TookTooLongError, redact, run
from landed.content.git.settings import Setting, parse, render
from landed.content.repo import Repository
from landed.core.errors import ProviderError

__all__ = ["world"]


class Recorder(HTTPServer):
    """A server that refuses everybody, and remembers the headers they came with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/x.git"


class Handler(BaseHTTPRequestHandler):
    """Answers 401."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Recorder)
        self.server.seen.append(dict(self.headers.items()))
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[Recorder]:
    with Recorder() as recorder:
        thread = threading.Thread(target=recorder.serve_forever, daemon=True)
        thread.start()
        yield recorder
        recorder.shutdown()
        thread.join()


def refused(root: Path, url: str) -> ProviderError:
    with Repository.open(root) as repo, pytest.raises(ProviderError) as caught:
        repo.ls_remote(url, 10)
    return caught.value


def test_a_header_of_the_repository_is_sent(world: World, server: Recorder) -> None:
    here, _ = world.pushed()
    here.git("config", f"http.{server.url}.extraHeader", "X-Auth: own")
    error = refused(here.root, server.url)
    assert server.seen[0]["X-Auth"] == "own"
    assert "credential helper" in error.hint


def test_the_users_own_credential_helper_is_asked(world: World, server: Recorder) -> None:
    here, _ = world.pushed()
    helper = "!f() { echo username=me; echo password=secret; }; f"
    subprocess.run(["git", "config", "--global", "credential.helper", helper], check=True)
    error = refused(here.root, server.url)
    assert server.seen[-1]["Authorization"].startswith("Basic ")
    assert "secret" not in error.message + error.hint


def test_the_repositorys_credential_helper_is_not_asked_and_the_hint_says_so(
    world: World, server: Recorder
) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("helper")
    here.git("config", "credential.helper", f"!{trap}")
    error = refused(here.root, server.url)
    assert not marker.exists()
    assert "credential.helper, which landed does not run" in error.hint
    assert "git config --global credential.helper" in error.hint


def test_no_password_window_opens(
    world: World, server: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("window")
    monkeypatch.setenv("SSH_ASKPASS", str(trap))
    monkeypatch.setenv("DISPLAY", ":0")
    refused(here.root, server.url)
    assert not marker.exists()
    monkeypatch.setenv("GIT_ASKPASS", str(trap))
    refused(here.root, server.url)
    assert marker.exists(), "the one that the user set for git is asked"


def test_ls_remote_knows_branches_tags_and_the_default(world: World) -> None:
    here, bare = world.pushed()
    first = here.git("rev-parse", "HEAD")
    here.git("tag", "-a", "-m", "x", "v1")
    here.git("push", "-q", "--tags")
    bare.git("update-ref", "refs/pull/1/head", first)
    with Repository.open(here.root) as repo:
        answer = repo.ls_remote(bare.root.as_uri())
    assert answer.refs == {"refs/heads/main": first, "refs/tags/v1": first}
    assert answer.head == "refs/heads/main"


def test_an_empty_remote_answers_with_nothing(world: World) -> None:
    here, _ = world.pushed()
    empty = world.repo("empty.git", "--bare")
    with Repository.open(here.root) as repo:
        assert repo.ls_remote(str(empty.root)).refs == {}


def test_a_fetch_leaves_no_ref_and_nothing_in_the_repository(world: World) -> None:
    here, bare = world.pushed()
    other = bare.clone("other")
    other.minutes = 50
    tip = other.commit(b_py="2\n")
    other.git("push", "-q")
    here.git("config", "--global", "fetch.prune", "true")
    here.git("config", "--global", "fetch.pruneTags", "true")
    head, blob = here.git("rev-parse", "HEAD"), other.git("rev-parse", "HEAD:b.py")
    with Repository.open(here.root) as repo:
        before = repo.git("for-each-ref").out
        assert repo.missing([tip]) == {tip}
        assert (repo.is_ancestor(head, tip), repo.read([blob])) == (None, {blob: None})
        repo.fetch(bare.root.as_uri(), [tip])
        assert repo.missing([tip]) == set()
        # What was not here is not remembered; what is here is.
        for _ in range(2):
            assert (repo.is_ancestor(head, tip), repo.read([blob])) == (True, {blob: b"2\n"})
        assert repo.git("for-each-ref").out == before
        with pytest.raises(ProviderError):
            repo.fetch(bare.root.as_uri(), ["f" * 40])
    assert here.git("cat-file", "-t", tip, check=False) == ""


def test_variables_of_a_hook_do_not_lead_astray(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, bare = world.pushed()
    other = world.repo("other")
    other.commit(z_py="z\n")
    head = here.git("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_TRACE", "2")
    with Repository.open(here.root) as repo:
        assert (repo.root, repo.head()[0]) == (here.root, head)
        assert repo.git_in_work_tree("status", "--porcelain").out == b""
        assert repo.ls_remote(bare.root.as_uri()).refs["refs/heads/main"] == head


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(world: World) -> None:
    pid = world.folder / "pid"
    script = f"!f() {{ sh -c 'echo $$ > {pid}; exec sleep 300' & wait; }}; f"
    env = {**os.environ, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "alias.slow"}
    for seconds in (1, 10, 100):
        with pytest.raises(TookTooLongError, match=f"git slow did not answer within {seconds} s"):
            run("slow", env={**env, "GIT_CONFIG_VALUE_0": script}, cwd=world.folder,
                seconds=seconds)  # fmt: skip
        # On a busy machine it may not have begun before.
        if pid.is_file() and pid.read_text():
            break
    # A killed process takes a moment to end; one that was not killed sleeps for 300 s.
    deadline = time.monotonic() + 60
    while _alive(int(pid.read_text())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(int(pid.read_text()))


def _alive(pid: int) -> bool:
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")


def test_git_that_is_not_installed(world: World) -> None:
    with pytest.raises(ProviderError, match="not installed"):
        run("version", env={"PATH": str(world.folder)}, cwd=world.folder)
    with pytest.raises(ProviderError, match="is gone"):
        run("version", env=dict(os.environ), cwd=world.folder / "nowhere")


@pytest.mark.parametrize(
    "said",
    [
        "fatal: unable to access 'https://user:hunter2@host/x.git/': no",
        "https://hunter2@host/x",
        "https://user:p@hunter2@host/x",
        "ssh://git:hunter2@host:22/x",
        "https://host/x?access_token=hunter2",
        "Authorization: Basic hunter2",
    ],
)
def test_credentials_are_redacted(said: str) -> None:
    assert "hunter2" not in redact(said)
    assert "host" in redact(said) or "Authorization" in said


@pytest.mark.parametrize(
    "said", ["git@host:org/x.git", "https://host/org/x.git", "/a/b@c", "file:///x"]
)
def test_what_is_no_credential_stays(said: str) -> None:
    assert redact(said) == said


@pytest.mark.parametrize("value", ["plain", 'quo"te', "back\\slash", "a\nb", "a\tb", " # ; x ", ""])
def test_a_setting_survives_being_written(world: World, value: str) -> None:
    section = value.replace("\n", " ")
    lines = [
        Setting(scope="local", section="url", subsection=section, name="insteadof", value=value)
    ]
    file = world.folder / "config"
    file.write_text(render(lines))
    listed = subprocess.run(
        ["git", "config", "-f", str(file), "--list", "-z", "--show-scope"],
        capture_output=True,
        check=True,
    )
    found = parse(listed.stdout).lines[0]
    assert (found.section, found.subsection, found.name, found.value) == (
        "url",
        section,
        "insteadof",
        value,
    )


def test_a_subsection_cannot_smuggle_in_a_key() -> None:
    evil = 'x"]\n[core]\n\tsshCommand = evil\n[url "y'
    assert render([Setting(scope="", section="url", subsection=evil, name="a", value="b")]) == ""
