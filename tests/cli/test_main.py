from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from landed.cli.main import COMMANDS, _disk


def landed(*arguments: str, at: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "landed", *arguments],
        cwd=at,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, **env},
    )


def git(*arguments: str, at: Path) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=T", "-c", "user.email=t@example.invalid", *arguments],
        cwd=at,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git("init", "-q", "-b", "main", at=folder)
    git("commit", "-q", "--allow-empty", "-m", "begin", at=folder)
    return folder


def failed(done: subprocess.CompletedProcess[str], code: int, words: str) -> None:
    """One line that says what, one that says what to do, no traceback."""
    assert done.returncode == code, done.stderr
    lines = done.stderr.strip().splitlines()
    assert lines[0].startswith("landed: ")
    assert words in lines[0]
    assert any(line.startswith("  hint: ") for line in lines), done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_every_command(tmp_path: Path) -> None:
    done = landed("--help", at=tmp_path)
    assert done.returncode == 0
    for name in COMMANDS:
        assert name in done.stdout


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(name: str, tmp_path: Path) -> None:
    assert landed(name, "--help", at=tmp_path).returncode == 0


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import atexit, sys; sys.argv = ['landed', '--help']\n"
        "from landed.cli.main import run\n"
        "heavy = ('rich', 'sqlalchemy')\n"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules]))\n"
        "run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("[]")


ENDING = """
import sys, threading, time
from landed.cli.main import _leave
def more():
    said.wait()
    # Who is not waited for is in the middle of it for ever.
    time.sleep(600 if {daemon} else 0.2)
    print(", and more")
said = threading.Event()
print("last words", end="")
threading.Thread(target=more, daemon={daemon}).start()
sys.stdout = open({into!r}, "w") if {into!r} else sys.stdout
print(end="words")
said.set()
_leave(3)
"""


@pytest.mark.parametrize(("daemon", "said"), [(True, ""), (False, ", and more")])
def test_the_end_waits_for_whom_it_should_and_loses_no_word(*, daemon: bool, said: str) -> None:
    script = ENDING.format(daemon=daemon, into="")
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stdout.strip() == f"last wordswords{said}"


def test_last_words_that_cannot_be_written_are_no_success() -> None:
    script = ENDING.format(daemon=True, into="/dev/full").replace("_leave(3)", "_leave(0)")
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 4


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--version >&-", 0),
        ("tarce >&-", 2),
        ("tarce 2>&-", 2),
        ("explain --json >/dev/full", 4),
        ("explain --json >/dev/full 2>/dev/full", 4),
        ("tarce --json >/dev/full", 2),
        ("check >&-", 3),
        ("check <&- >&- 2>&-", 3),
    ],
)
def test_the_exit_code_is_right_where_nothing_can_be_written(
    words: str, code: int, repository: Path
) -> None:
    script = ["sh", "-c", f'"$0" -m landed {words}', sys.executable]
    done = subprocess.run(script, cwd=repository, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


@pytest.mark.parametrize(("group", "one"), [([], "trace"), (["cloud"], "execute")])
def test_without_a_command_the_list_is_shown(group: list[str], one: str, tmp_path: Path) -> None:
    done = landed(*group, at=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert lines[0].startswith("Usage: landed")
    assert any(line.split()[:1] == [one] for line in lines), done.stderr


@pytest.mark.parametrize(
    ("slip", "meant"), [(["tarce"], "trace"), (["cloud", "exceute"], "execute")]
)
def test_an_unknown_command_is_a_usage_error_that_names_the_nearest(
    slip: list[str], meant: str, tmp_path: Path
) -> None:
    failed(landed(*slip, at=tmp_path), 2, f"'{slip[-1]}'. Did you mean '{meant}'?")
    assert "mean" not in landed("xyzzy", at=tmp_path).stderr


@pytest.mark.parametrize("command", ["check", "trace", "where", "init"])
def test_not_a_repository(command: str, tmp_path: Path) -> None:
    failed(landed(command, at=tmp_path), 2, "repository")


@pytest.mark.parametrize("command", ["check", "trace", "where"])
def test_no_commits_yet(command: str, tmp_path: Path) -> None:
    git("init", "-q", at=tmp_path)
    failed(landed(command, at=tmp_path), 2, "no commits")


@pytest.mark.parametrize("command", ["check", "trace", "where"])
@pytest.mark.parametrize("commit", ["deadbeef", "--upload-pack=x", "nosuch", ""])
def test_a_commit_that_is_none(command: str, commit: str, repository: Path) -> None:
    done = landed(command, "--", commit, at=repository)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_ambiguous_prefix_names_its_candidates(repository: Path) -> None:
    """1,500 commits with fixed dates: always the same ids, and two that begin alike."""
    stream = "".join(
        f"commit refs/heads/many\ncommitter T <t@example.invalid> {n} +0000\ndata 1\nx\n"
        for n in range(1, 1501)
    )
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=repository, input=stream, text=True, check=True
    )
    prefixes = [c[:4] for c in git("rev-list", "many", at=repository).split()]
    twice = next(p for p in prefixes if prefixes.count(p) > 1)
    failed(landed("check", twice, at=repository), 2, "several commits")


def test_broken_settings_are_shown_with_their_place(repository: Path) -> None:
    (repository / "landed.toml").write_text("[source\n")
    failed(landed("check", at=repository), 2, "landed.toml:1:8")


def test_an_error_is_one_json_document_too(repository: Path) -> None:
    done = landed("check", "nosuch", "--json", at=repository)
    assert done.returncode == 2
    document = json.loads(done.stdout)
    assert document["schema"] == "landed/error/v1"
    assert document["hint"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--digest", "abc"], "`abc` is no digest"),
        (["--timeout", "-1"], "-1.0 is not in the range"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], said: str, repository: Path) -> None:
    failed(landed("trace", *words, at=repository), 2, said)


def test_the_same_reason_is_not_said_for_link_after_link(repository: Path) -> None:
    done = landed("trace", at=repository)
    rows = done.stdout.split("\n\n")[2].splitlines()
    assert [row.split()[-1] for row in rows].count("likewise") == 6, done.stdout


def test_no_remote_is_never_green(repository: Path) -> None:
    done = landed("check", "--json", at=repository)
    assert done.returncode == 3
    links = {link["link"]: link["status"] for link in json.loads(done.stdout)["links"]}
    assert links["pushed"] == "unseen"


def test_a_damaged_ledger_is_said_in_one_line(repository: Path) -> None:
    (repository / "landed.toml").write_text("")
    (repository / ".landed").mkdir()
    (repository / ".landed" / "ledger.db").write_bytes(b"garbage, and long enough to be seen" * 99)
    failed(landed("log", at=repository), 4, "damaged")
    failed(landed("verify-ledger", at=repository), 4, "damaged")


def test_colour_only_where_it_is_wanted(repository: Path) -> None:
    assert "\x1b" not in landed("check", at=repository).stdout
    assert "\x1b" in landed("check", at=repository, FORCE_COLOR="1").stdout
    assert "\x1b" not in landed("check", at=repository, FORCE_COLOR="1", NO_COLOR="1").stdout


@pytest.mark.parametrize("columns", ["20", "40", "72", "200"])
def test_narrow_screens_are_not_overrun(repository: Path, columns: str) -> None:
    out = landed("check", at=repository, COLUMNS=columns).stdout
    prose = out.split("What to do")[0].splitlines()
    assert max(len(line) for line in prose) <= max(int(columns), 24)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_kill_end_it_with_one_line_and_leave_nothing(
    repository: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """A remote that never answers keeps the command busy until the interrupt comes."""
    (room := tmp_path / "room").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        git("remote", "add", "origin", f"http://127.0.0.1:{port}/x.git", at=repository)
        (repository / "landed.toml").write_text(
            '[source]\nremote = "origin"\nref = "refs/heads/main"\n'
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "landed", "check"],
            cwd=repository,
            env={**os.environ, "TMPDIR": str(room)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        silent.settimeout(60)
        connection, _ = silent.accept()
        assert list(room.iterdir())
        process.send_signal(number)
        # At once, and not when the remote's time is over.
        _, err = process.communicate(timeout=10)
        connection.close()
    assert process.returncode == 128 + number
    assert list(room.iterdir()) == []
    assert err.strip().splitlines()[-1] == "landed: stopped"
    assert "Traceback" not in err


def test_an_empty_remote_has_not_got_the_commit(repository: Path, tmp_path: Path) -> None:
    git("init", "-q", "--bare", str(tmp_path / "empty.git"), at=tmp_path)
    git("remote", "add", "origin", str(tmp_path / "empty.git"), at=repository)
    done = landed("check", "--json", at=repository)
    assert done.returncode == 1
    (pushed,) = [k for k in json.loads(done.stdout)["links"] if k["link"] == "pushed"]
    assert (pushed["status"], pushed["diagnosis"]) == ("broken", "commit-not-pushed")


def test_a_full_disk_is_said_of_where_a_copy_was_to_go() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/repo/.git/HEAD", None, "/spare/HEAD")
    assert _disk(full) == "No space left on device: /spare/HEAD"
