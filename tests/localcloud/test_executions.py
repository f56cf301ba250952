from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from landed.core.errors import DataError, UsageError
from landed.localcloud import runtime
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.isolation import bwrap
from landed.localcloud.logbook import MAX_LINE, entries
from landed.localcloud.supervise import Drain
from localcloud.workshop import DOCKERFILE, Workshop
from waiting import SECONDS, until

EXECUTE = (
    "import sys; from pathlib import Path; from landed.localcloud.cloud import LocalCloud;"
    "LocalCloud(Path(sys.argv[1])).execute('worker', wait=True)"
)
WAITING = "import os, time; print('pid', os.getpid(), flush=True)\nwhile True: time.sleep(1)\n"


@pytest.fixture(params=["bwrap", "none"])
def either(
    request: pytest.FixtureRequest, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> Workshop:
    """With isolation and without."""
    if request.param == "none":
        monkeypatch.setenv("LANDED_ISOLATION", "none")
    elif bwrap() is None:
        pytest.skip("no bwrap works here")
    return shop


@pytest.fixture
def alone(shop: Workshop) -> Workshop:
    if bwrap() is None:
        pytest.skip("no bwrap works here")
    return shop


def shows(shop: Workshop, program: str) -> dict[str, object]:
    """Runs a program that prints one JSON object."""
    done = shop.run(program)
    found = shop.entries(done)
    assert done.status == "SUCCEEDED", found
    payload: dict[str, object] = found[-1]["jsonPayload"]
    return payload


def test_it_runs_and_is_recorded(either: Workshop) -> None:
    done = either.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\n")
    assert (done.status, done.exit_code) == ("SUCCEEDED", 0)
    assert done.isolation == ("bwrap" if bwrap() else "not isolated")
    assert sorted(either.said(done)) == ["err", "out"]
    assert done.entries == 2
    assert either.cloud.executions("worker") == [done]


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("raise SystemExit(3)", 3),
        ("1 / 0", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137),
        ("import os; os.abort()", 134),
    ],
)
def test_a_failure_has_its_code(program: str, code: int, either: Workshop) -> None:
    done = either.run(program)
    assert (done.status, done.exit_code) == ("FAILED", code)


def test_absolute_paths_and_the_folder_to_start_in(either: Workshop) -> None:
    either.write("conf/x.txt", "content")
    either.write("Dockerfile", DOCKERFILE + "COPY conf /etc/worker\nENV CONF=/etc/worker/x.txt\n")
    shown = shows(
        either,
        "import json, os\nprint(json.dumps({'message': open(os.environ['CONF']).read(),"
        " 'here': os.path.exists('app/__main__.py'), 'job': os.environ['CLOUD_RUN_JOB']}))\n",
    )
    assert shown == {"message": "content", "here": True, "job": "worker"}


def test_a_folder_to_start_in_that_holds_no_file(either: Workshop) -> None:
    either.write(
        "Dockerfile",
        "FROM x\nCOPY app /code/app\nENV PYTHONPATH=/code\nWORKDIR /srv/work\n"
        'CMD ["python", "-m", "app"]\n',
    )
    assert either.run().status == "SUCCEEDED"


@pytest.mark.parametrize(
    "place", ["/usr/src/app", "/usr/local/lib/worker", "/opt/x", f"/{'tmp'}/x", "/run/x"]
)
def test_an_image_may_have_its_files_anywhere(place: str, alone: Workshop) -> None:
    alone.write(
        "Dockerfile", f'FROM x\nWORKDIR {place}\nCOPY app ./app\nCMD ["python", "-m", "app"]\n'
    )
    done = alone.run()
    assert done.status == "SUCCEEDED", alone.said(done)
    assert done.modules
    assert done.modules.image >= 1


def test_nothing_of_this_machine_s_user_is_seen(
    alone: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "1")
    (tmp_path / "private").write_text("x")
    # Of the user's home at most the way to the runtime is seen.
    base = runtime.find(None).base
    there = Path.home().parent, Path("/root"), Path("/home")
    homes = [p for p in there if p.is_dir() and not base.is_relative_to(p)]
    beside = [p for p in base.parent.iterdir() if p != base and base.parts[1] != "usr"]
    places = [str(p) for p in (tmp_path, Path(__file__).parent, *homes, *beside)]
    shown = shows(
        alone,
        "import json, os, importlib.util\n"
        f"seen = [p for p in {places!r} if os.path.exists(p) and os.listdir(p)]\n"
        "pids = [p for p in os.listdir('/proc') if p.isdigit()]\n"
        "landed = bool(importlib.util.find_spec('landed'))\n"
        "print(json.dumps({'seen': seen, 'env': sorted(os.environ), 'pids': len(pids),"
        " 'landed': landed}))\n",
    )
    assert shown["seen"] == []
    assert "SECRET_OF_THE_HOST" not in str(shown["env"])
    assert isinstance(shown["pids"], int)
    assert shown["pids"] < 5
    assert shown["landed"] is False


def test_the_image_cannot_be_written_to_and_data_stays(alone: Workshop) -> None:
    program = (
        "import json, os, subprocess\n"
        "def can(path):\n"
        "    try: open(path, 'a').write('x')\n"
        "    except OSError as error: return type(error).__name__\n"
        "    return 'yes'\n"
        "subprocess.run(['mount', '-o', 'remount,rw', '/app'], capture_output=True)\n"
        "n = len(os.listdir('/data'))\n"
        "print(json.dumps({'image': can('/app/app/__main__.py'), 'new': can('/app/app/new'),"
        " 'usr': can('/usr/new'), 'data': can(f'/data/{n}'), 'tmp': can('/tmp/mine'),"
        " 'before': n, 'tmps': os.listdir('/tmp')}))\n"
    )
    first = shows(alone, program)
    assert [first[k] for k in ("data", "tmp")] == ["yes", "yes"]
    assert not {"yes"} & {str(first[k]) for k in ("image", "new", "usr")}
    # Where the runtime lies below /tmp itself, the folder that it is bound to is there too.
    bound = {Path(os.environ["LANDED_RUNTIME"]).parts[2]} if _below_tmp() else set()
    assert isinstance(first["tmps"], list)
    assert set(first["tmps"]) - bound == {"mine"}
    again = shows(alone, program)
    assert (first["before"], again["before"]) == (0, 1)
    assert isinstance(again["tmps"], list)
    assert set(again["tmps"]) - bound == {"mine"}


def _below_tmp() -> bool:
    return Path(os.environ["LANDED_RUNTIME"]).is_relative_to("/tmp")  # noqa: S108 - asked about


def test_without_isolation_an_execution_cannot_change_the_next_one(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDED_ISOLATION", "none")
    program = "print('first')\nopen(__file__, 'w').write('print(\"changed\")')\n"
    assert shop.said(shop.run(program)) == ["first"]
    assert shop.said(shop.run(program)) == ["first"]


def test_files_that_were_changed_in_place_are_laid_out_again(alone: Workshop) -> None:
    alone.run("print('the image')\n")
    (place,) = (alone.cloud.root / "rootfs").glob("*/app/app/__main__.py")
    place.write_text("print('a patch')\n")
    assert alone.said(alone.run()) == ["the image"]
    place.with_name("extra.py").write_text("")
    assert alone.said(alone.run("import os; print(sorted(os.listdir('/app/app')))")) == [
        "['__init__.py', '__main__.py']"
    ]


def test_a_tag_is_resolved_when_the_execution_starts(shop: Workshop) -> None:
    first = shop.built()
    shop.cloud.deploy("worker", "worker:latest")
    one = shop.cloud.execute("worker", wait=True)
    shop.write("app/__main__.py", "print('second')\n")
    second = shop.built()
    two = shop.cloud.execute("worker", wait=True)
    assert (one.digest, two.digest) == (first, second)
    assert (shop.said(one), shop.said(two)) == (["hello"], ["second"])
    job = shop.cloud.job("worker")
    assert job
    assert job.spec.resolved == first
    assert shop.cloud.deploy("worker", "worker:latest").spec.resolved == second


def test_a_moved_tag_does_not_touch_what_runs(shop: Workshop) -> None:
    shop.write(
        "app/__main__.py",
        WAITING.replace(
            "while True:",
            "import os.path\nwhile not os.path.exists(os.environ['DATA_DIR'] + '/go'):",
        )
        + "from app import late\nprint(late.WORDS)\n",
    )
    shop.write("app/late.py", "WORDS = 'old'\n")
    first = shop.built()
    shop.cloud.deploy("worker", "worker:latest")
    running = shop.cloud.execute("worker", wait=False)
    assert running.status == "RUNNING"
    until(lambda: shop.entries(running))
    shop.write("app/late.py", "WORDS = 'new'\n")
    assert shop.built() != first
    (shop.cloud.root / "jobs" / "worker" / "data" / "go").write_text("")
    done = until(lambda: (e := shop.now(running.id)).status != "RUNNING" and e)
    assert (done.status, done.digest) == ("SUCCEEDED", first)
    assert shop.said(running)[-1] == "old"


def alive(mark: str) -> list[int]:
    """Processes whose command line holds a word."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in place.read_bytes():
                found.append(int(place.parent.name))
        except OSError:
            continue
    return found


def supervisor(execution: str) -> int:
    return int(until(lambda: [p for p in alive(f"executions/{execution}") if _is_python(p)])[0])


def _is_python(pid: int) -> bool:
    try:
        return b"landed.localcloud.supervise" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_a_killed_supervisor_leaves_a_lost_execution_and_no_worker(either: Workshop) -> None:
    mark = f"mark-{os.urandom(6).hex()}"
    either.write("Dockerfile", DOCKERFILE.replace('"app"]', f'"app", "{mark}"]'))
    running = either.run(
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', sys.argv[1]])\n"
        "print('up', flush=True)\ntime.sleep(600)\n",
        wait=False,
    )
    until(lambda: "up" in either.said(running))
    assert len(alive(mark)) >= 2
    os.kill(supervisor(running.id), signal.SIGKILL)
    until(lambda: not alive(mark), "the worker lives on")
    until(lambda: either.now(running.id).status == "LOST")


def test_an_ordinary_kill_cancels(shop: Workshop) -> None:
    running = shop.run(WAITING, wait=False)
    until(lambda: shop.said(running))
    os.kill(supervisor(running.id), signal.SIGTERM)
    done = until(lambda: (e := shop.now(running.id)).status != "RUNNING" and e)
    assert done.status == "CANCELLED"


def test_a_kill_that_comes_while_the_supervisor_is_stopped_cancels_as_well(shop: Workshop) -> None:
    # Once it goes on, any of its threads may be the one that gets the signal.
    running = shop.run(WAITING, wait=False)
    until(lambda: shop.said(running))
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGCONT):
        os.kill(supervisor(running.id), number)
    done = until(lambda: (e := shop.now(running.id)).status != "RUNNING" and e)
    assert done.status == "CANCELLED"


def test_what_a_program_leaves_behind_ends_with_it(either: Workshop) -> None:
    mark = f"mark-{os.urandom(6).hex()}"
    done = either.run(
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', '{mark}'])\n"
        "print('over', flush=True)\n"
    )
    assert (done.status, either.said(done)) == ("SUCCEEDED", ["over"])
    until(lambda: not alive(mark))


def test_two_executions_at_once(shop: Workshop) -> None:
    shop.write("app/__main__.py", "import time; time.sleep(0.2); print('done')\n")
    shop.cloud.deploy("worker", f"worker@{shop.built()}")
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(shop.cloud.execute("worker", wait=True)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({done.id for done in found}) == 2
    assert [done.status for done in found] == ["SUCCEEDED"] * 2
    assert [shop.said(done) for done in found] == [["done"]] * 2


def test_where_modules_came_from(either: Workshop) -> None:
    either.write("app/helper.py", "")
    done = either.run("import json\nfrom app import helper\n")
    assert done.modules
    assert done.modules.foreign == ()
    assert done.modules.image == 3
    assert done.modules.runtime > 5


@pytest.mark.parametrize(
    "program",
    [
        "import os, sys\nsys.path.insert(0, os.environ['DATA_DIR'])\nimport foreign\n",
        (
            "import os, subprocess, sys\n"
            "os.environ['PYTHONPATH'] += ':' + os.environ['DATA_DIR']\n"
            "subprocess.run([sys.executable, '-c', 'import foreign'], check=True)\n"
        ),
        (
            "import os, sys\nsys.path.insert(0, os.environ['DATA_DIR'])\n"
            "sys.modules.pop('sitecustomize', None)\nimport sitecustomize\n"
        ),
    ],
)
def test_code_that_came_from_elsewhere_is_foreign(program: str, either: Workshop) -> None:
    data = either.cloud.root / "jobs" / "worker" / "data"
    data.mkdir(parents=True)
    name = "sitecustomize" if "sitecustomize" in program else "foreign"
    (data / f"{name}.py").write_text("")
    done = either.run(program)
    assert done.modules, either.said(done)
    assert [found.split()[0] for found in done.modules.foreign] == [name]


def test_an_image_s_own_sitecustomize_runs(either: Workshop) -> None:
    either.write("lib/sitecustomize.py", "import builtins; builtins.OWN = 'yes'\n")
    either.write("Dockerfile", DOCKERFILE + "COPY lib /lib2\nENV PYTHONPATH=/lib2\n")
    done = either.run("print(OWN)")
    assert either.said(done) == ["yes"]
    assert done.modules
    assert done.modules.foreign == ()


@pytest.mark.parametrize(
    "command",
    ['["sh", "-c", "echo hello"]', '["python", "-I", "-c", "print(1)"]',
     '["python", "-c", "import os; os._exit(0)"]'],
)  # fmt: skip
def test_a_program_that_does_not_tell_its_modules(command: str, either: Workshop) -> None:
    either.write("Dockerfile", f"FROM x\nCOPY app /app\nCMD {command}\n")
    done = either.run()
    assert (done.status, done.modules) == ("SUCCEEDED", None)


@pytest.mark.parametrize("text", ["garbage", "[]", '{"a": 1}', "[" * 100_000])
def test_a_list_of_modules_that_is_none(text: str, alone: Workshop) -> None:
    done = alone.run(
        f"import os\nopen('/run/landed-out/modules-1.json', 'w').write({text!r})\n"
        "os.symlink('/etc/passwd', '/run/landed-out/modules-2.json')\n"
        "os.mkfifo('/run/landed-out/modules-3.json')\nos._exit(0)\n"
    )
    assert (done.status, done.modules) == ("SUCCEEDED", None)


def test_a_program_that_forks(either: Workshop) -> None:
    done = either.run(
        "import os, sys\npid = os.fork()\n"
        "if pid: os.waitpid(pid, 0)\nprint('parent' if pid else 'child', flush=True)\n"
    )
    assert either.said(done) == ["child", "parent"]
    assert done.modules


def test_output_of_every_shape(shop: Workshop) -> None:
    lines = [
        b"plain\n", b"\n", b"caf\xe9\n", b"nul\0tab\t\n", b"{not json}\n", b'{"a": NaN}\n',
        b'{"a": %s}\n' % (b"9" * 30), b'{"severity": "error", "message": "m", "a": {"b": [1]}}\n',
        b'{"severity": "nosuch", "time": "no time"}\n', b"[1]\n",
        b'{"message": "then", "time": "2020-01-01T00:00:00+01:00"}\n',
        b'{"time": "0001-01-01T00:00:00+14:00"}\n', b'{"x": "\\ud800"}\n', b"[" * 5000 + b"\n",
        b'{"x":' * 5000 + b"\n", b"no line end",
    ]  # fmt: skip
    done = shop.run(f"import os\nfor line in {lines!r}: os.write(1, line)\n")
    found = sorted(shop.entries(done), key=lambda e: e["insertId"])
    texts = [e.get("textPayload", e.get("jsonPayload")) for e in found]
    assert done.entries == len(lines) == len(found)
    assert texts[:6] == ["plain", "", "caf\ufffd", "nul\0tab\t", "{not json}", '{"a": NaN}']
    assert texts[6] == {"a": 1e30}
    assert texts[7] == {"message": "m", "a": {"b": [1]}}
    assert found[7]["severity"] == "ERROR"
    # What the place does not know stays what the program said.
    kept = {"severity": "nosuch", "time": "no time"}
    assert (found[8]["severity"], texts[8]) == ("DEFAULT", kept)
    assert found[10]["timestamp"] == "2019-12-31T23:00:00.000000Z"
    assert texts[-1] == "no line end"
    json.dumps(found, allow_nan=False).encode()


def test_a_line_without_an_end_is_one_entry(shop: Workshop) -> None:
    program = (
        "import sys\nfor _ in range(40): sys.stdout.write('x' * (1 << 20))\nprint('\\nnext')\n"
    )
    done = shop.run(program)
    found = shop.said(done)
    assert len(found) == 2
    assert found[0].startswith("xxx")
    assert found[0].endswith("… (cut)")
    assert len(found[0]) < MAX_LINE + 20
    assert found[1] == "next"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measured as Linux tells it")
def test_much_output_does_not_fill_the_memory(shop: Workshop) -> None:
    shop.write("app/__main__.py", "line = 'x' * 99\nfor _ in range(100_000): print(line)\n")
    shop.cloud.deploy("worker", f"worker@{shop.built()}")
    script = (
        EXECUTE
        # Not ru_maxrss: that still counts what the parent had when it started this process.
        + "; print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    words = [sys.executable, "-c", script, str(shop.cloud.root)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 120_000
    assert shop.cloud.executions("worker")[0].entries == 100_000


def test_a_line_that_was_cut_off_is_left_out_and_any_other_is_said(shop: Workshop) -> None:
    done = shop.run("print('one'); print('two')")
    log = shop.cloud.log_path("worker", done.id)
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"timestamp": "20')
    assert [e["textPayload"] for e in entries(log)] == ["one", "two"]
    for damage in (b"garbage\n" + whole, whole + b"[]\n", whole.replace(b"{", b"", 1)):
        log.write_bytes(damage)
        with pytest.raises(DataError) as error:
            list(entries(log))
        assert error.value.hint


def test_a_full_disk_fails_the_execution_and_the_log_says_where_it_ends(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, writes = os.write, []

    def write(file: int, data: bytes) -> int:
        if b"textPayload" in data:
            writes.append(data)
            if len(writes) == 3:
                return real(file, data[:20])
        return real(file, data)

    monkeypatch.setattr("landed.localcloud.logbook.os.write", write)
    done = shop.run("for n in range(5): print(n)")
    assert (done.status, done.exit_code) == ("FAILED", 0)
    log = shop.cloud.log_path("worker", done.id).read_bytes()
    assert b"entries were lost: No space left" in log
    with pytest.raises(DataError):
        shop.entries(done)


def test_a_machine_that_stands_still_at_the_end_takes_no_entries_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The program has ended, and its words still lie in the pipe when the supervisor wakes up."""
    goes_on, book = threading.Event(), list[bytes]()
    command = [sys.executable, "-c", "for n in range(100): print(n)"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    whole = cast("Any", process.stdout)

    def readline(size: int) -> bytes:
        goes_on.wait(SECONDS)
        line: bytes = whole.readline(size)
        return line

    process.stdout = cast("Any", SimpleNamespace(readline=readline))
    hours = itertools.count(step=3600)
    monkeypatch.setattr(time, "monotonic", lambda: next(hours))
    add = SimpleNamespace(add=lambda line, _: book.append(line))
    drain = Drain(process, cast("Any", add), None)
    process.wait()
    wakes = threading.Timer(0.3, goes_on.set)
    wakes.start()
    drain.finish()
    assert len(book) == 100
    wakes.join()
    whole.close()


def test_what_it_said_before_it_was_cancelled_is_kept(shop: Workshop) -> None:
    program = (
        "import os, time\nprint('one more line\\n' * 3000, end='', flush=True)\n"
        "open(os.environ['DATA_DIR'] + '/said', 'w')\ntime.sleep(600)\n"
    )
    running = shop.run(program, wait=False)
    until((shop.cloud.root / "jobs" / "worker" / "data" / "said").exists)
    os.kill(supervisor(running.id), signal.SIGTERM)
    done = until(lambda: (e := shop.now(running.id)).status != "RUNNING" and e)
    assert (done.status, done.entries) == ("CANCELLED", 3000)


def test_ctrl_c_cancels_and_is_recorded(shop: Workshop) -> None:
    shop.write("app/__main__.py", WAITING)
    shop.cloud.deploy("worker", f"worker@{shop.built()}")
    words = [
        sys.executable,
        "-m",
        "landed",
        "cloud",
        "execute",
        "worker",
        "--wait",
        "--cloud",
        str(shop.cloud.root),
    ]
    process = subprocess.Popen(words, cwd=shop.root, stderr=subprocess.PIPE, text=True)
    until(lambda: shop.cloud.logs("worker"))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.strip().splitlines()[-1] == "landed: stopped"
    assert [e.status for e in shop.cloud.executions("worker")] == ["CANCELLED"]


def test_nothing_of_the_folder_where_it_is_called_stands_in_for_a_module(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = shop.root / "ran"
    shop.write("landed/__init__.py", f"open({str(ran)!r}, 'w')\n")
    shop.write("msgspec.py", f"open({str(ran)!r}, 'w')\n")
    monkeypatch.chdir(shop.source)
    running = shop.run(wait=False)
    until(lambda: shop.now(running.id).status == "SUCCEEDED")
    assert not ran.exists()


def test_a_runtime_that_is_none_is_said(shop: Workshop) -> None:
    shop.cloud.deploy("worker", f"worker@{shop.built()}")
    done = shop.cloud.execute("worker", wait=True, runtime=shop.root / "nosuch")
    assert done.status == "FAILED"
    assert "no Python environment" in str(shop.entries(done))


def test_the_runtime_is_the_python_behind_landed_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANDED_RUNTIME", raising=False)
    found = runtime.find(None)
    assert found.folder != Path(sys.prefix)
    assert found.packages == ()


@pytest.mark.parametrize("name", ["msgspec", "click", "pip", "setuptools", "landed"])
def test_of_that_python_only_the_standard_library_is_seen(
    name: str, either: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANDED_RUNTIME", raising=False)
    done = either.run(f"import {name}")
    assert f"No module named '{name}'" in either.said(done)[-1]


def test_a_runtime_with_packages(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDED_RUNTIME", sys.prefix)
    done = shop.run("import msgspec")
    assert done.status == "SUCCEEDED", shop.said(done)
    assert done.runtime
    assert any(package.startswith("msgspec==") for package in done.runtime.packages)


@pytest.mark.parametrize(
    ("lines", "words"),
    [("", "says no command"), ('CMD ["nosuch"]\n', ""), ('CMD ["a\\u0000b"]\n', "")],
)
def test_what_cannot_be_started(lines: str, words: str, either: Workshop) -> None:
    either.write("Dockerfile", f"FROM x\nCOPY app /app\n{lines}")
    if words:
        with pytest.raises(UsageError, match=words):
            either.run()
    else:
        done = either.run()
        assert done.status == "FAILED"
        assert either.entries(done)


def test_unknown_jobs_and_images(shop: Workshop) -> None:
    with pytest.raises(UsageError, match="no job `nosuch`"):
        shop.cloud.execute("nosuch", wait=True)
    with pytest.raises(UsageError, match="not in the store"):
        shop.cloud.deploy("worker", "nosuch:latest")
    for name in ("../x", "", "A", "a/b"):
        with pytest.raises(UsageError):
            shop.cloud.job(name)


def test_a_damaged_image_is_not_executed(shop: Workshop) -> None:
    digest = shop.built()
    shop.cloud.deploy("worker", f"worker@{digest}")
    layout = shop.cloud.images.layout("worker")
    layout.blob_path(layout.image(digest).manifest.layers[0].digest).write_bytes(b"x")
    with pytest.raises(DataError):
        shop.cloud.execute("worker", wait=True)
    assert shop.cloud.executions("worker") == []


def test_an_image_that_is_a_whole_system_stands_alone(alone: Workshop) -> None:
    """A system of one program: a shell, with the libraries that it needs."""
    shell = Path("/bin/sh").resolve()
    linked = subprocess.run(["ldd", shell], capture_output=True, text=True, check=True).stdout
    needed = {word for word in linked.split() if word.startswith("/")}
    for name in needed:
        alone.write(f"root{name}", Path(name).read_bytes()).chmod(0o755)
    alone.write("root/bin/sh", shell.read_bytes()).chmod(0o755)
    alone.write("root/app/run.sh", "echo usr: /usr/*; cd /app && echo run: *\n")
    alone.write("Dockerfile", 'FROM scratch\nCOPY root /\nCMD ["sh", "/app/run.sh"]\n')
    done = alone.run()
    assert done.status == "SUCCEEDED", alone.said(done)
    said = alone.said(done)
    assert said[1] == "run: run.sh"
    assert "/usr/bin" not in said[0]


def test_a_cloud_in_a_repository_is_kept_out_of_git(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path / ".landed" / "cloud")
    cloud.prepare()
    assert (tmp_path / ".landed" / ".gitignore").read_text() == "*\n"
