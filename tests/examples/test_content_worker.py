"""The example worker, run as it runs in production: as a process of its own, on a copy."""

import fcntl
import json
import os
import re
import shutil
import sqlite3
import subprocess
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = EXAMPLES / "content-worker"
INCIDENT = EXAMPLES / "incident"

Entry = dict[str, Any]


@dataclass
class Run:
    exit_code: int
    entries: list[Entry]
    stderr: str

    def events(self, name: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.get("event") == name]

    def counts(self) -> Counter[str]:
        return Counter(entry["event"] for entry in self.entries)


@dataclass
class Worker:
    """A copy of the example in `code`, which keeps its data in `data`."""

    code: Path
    data: Path

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        inherited.pop("DATABASE_URL", None)
        settings = {"DATA_DIR": str(self.data), "PYTHONDONTWRITEBYTECODE": "1"}
        # In production it has the runtime's packages and no others.
        python = Path(os.environ["LANDED_RUNTIME"]) / "bin" / "python"
        return subprocess.Popen(
            [python, "-m", "content_worker", *arguments],
            cwd=self.code,
            env=inherited | settings | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **environment: str) -> Run:
        return finish(self.start(*arguments, **environment))

    def enqueue(self, topic: str = "Volcanoes", *options: str) -> list[str]:
        """Put requests into the queue, and return their ids."""
        queued = self.run("enqueue", topic, *options).events("request_queued")
        return [entry["request_id"] for entry in queued]

    def drop(self, name: str, content: bytes | Entry) -> Path:
        """Lay a message into the inbox by hand."""
        path = self.data / "queue" / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def box(self, name: str) -> set[str]:
        return {path.name for path in (self.data / "queue" / name).iterdir()}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.data / "content-worker.db")
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def lay(self, state: str) -> None:
        """Bring the code to the state `start`, `broken`, `fix` or `healed`."""
        if state == "healed":
            shutil.copytree(EXAMPLE, self.code, dirs_exist_ok=True, ignore=LITTER)
            return
        removed = INCIDENT / state / "REMOVED"
        if removed.exists():
            for path in removed.read_text().split():
                (self.code / path).unlink()
        overlay = INCIDENT / state / "content_worker"
        shutil.copytree(overlay, self.code / "content_worker", dirs_exist_ok=True, ignore=LITTER)

    def append(self, path: str, source: str) -> None:
        with (self.code / "content_worker" / path).open("a") as file:
            file.write(source)


LITTER = shutil.ignore_patterns("__pycache__", "*.pyc")


def finish(process: subprocess.Popen[str]) -> Run:
    stdout, stderr = process.communicate(timeout=120)
    return Run(process.returncode, [json.loads(line) for line in stdout.splitlines()], stderr)


def request(**changes: Any) -> Entry:
    return {"request_id": str(uuid.uuid4()), "topic": "Volcanoes"} | changes


def frames(entry: Entry) -> list[tuple[str, ...]]:
    """The places in the worker's own code that a traceback names."""
    found: list[tuple[str, ...]] = re.findall(
        r'File "[^"]*/(content_worker/\S+\.py)", line (\d+), in (\w+)', entry["message"]
    )
    return found


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    worker = Worker(code=tmp_path / "code", data=tmp_path / "data")
    worker.lay("healed")
    return worker


# The good state


def test_a_pass_does_every_request_and_the_next_is_idle(worker: Worker) -> None:
    ids = worker.enqueue("Volcanoes", "--organization", "Riverside Trust", "--count", "3")

    first = worker.run()
    second = worker.run()

    assert first.exit_code == 0
    assert [e["event"] for e in first.entries] == [
        "worker_started",
        *["lesson_generated"] * 3,
        "pass_finished",
    ]
    assert [e["request_id"] for e in first.events("lesson_generated")] == ids  # oldest first
    assert {k: first.entries[-1][k] for k in ("done", "failed", "aside")} == {
        "done": 3,
        "failed": 0,
        "aside": 0,
    }
    assert second.exit_code == 0
    assert [e["message"] for e in second.entries] == ["content worker started", "queue is empty"]
    assert worker.box("inbox") == worker.box("aside") == set()
    assert len(worker.box("done")) == 3


def test_the_lesson_is_stored_with_who_asked_for_it(worker: Worker) -> None:
    [request_id] = worker.enqueue(
        "Volcanoes & $fire", "--organization", "Riverside Trust", "--user", "ada"
    )
    worker.run()

    [(stored_id, topic, status, lesson, user, organization)] = worker.query(
        """SELECT r.id, r.topic, r.status, r.lesson, u.name, o.name FROM content_requests r
           JOIN users u ON u.id = r.user_id JOIN memberships m ON m.user_id = u.id
           JOIN organizations o ON o.id = m.organization_id"""
    )
    assert uuid.UUID(stored_id) == uuid.UUID(request_id)
    assert (topic, status) == ("Volcanoes & $fire", "done")
    assert (user, organization) == ("ada", "Riverside Trust")
    assert "Volcanoes & $fire" in lesson
    assert "A lesson for ada, Riverside Trust\n" in lesson


def test_users_and_organizations_are_found_again(worker: Worker) -> None:
    for organization in ("Riverside Trust", "Hill School", "Riverside Trust"):
        worker.enqueue("Volcanoes", "--organization", organization)
    worker.run()

    assert worker.query("SELECT count(*) FROM users") == [(1,)]
    assert worker.query("SELECT count(*) FROM organizations") == [(2,)]
    assert worker.query("SELECT count(*) FROM memberships") == [(2,)]


def test_organization_and_user_may_be_missing(worker: Worker) -> None:
    worker.drop("hand-made.json", request(organization=None))

    assert worker.run().counts()["lesson_generated"] == 1
    assert worker.query("SELECT name FROM users") == [("teacher",)]
    assert worker.query("SELECT * FROM organizations") == []


def test_every_line_is_an_entry_that_cloud_logging_understands(worker: Worker) -> None:
    worker.enqueue()

    for entry in worker.run().entries:
        assert entry["severity"] == "INFO"
        assert entry["message"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", entry["time"])


def test_a_queued_message_is_a_file_as_the_readme_shows_it(worker: Worker) -> None:
    [request_id] = worker.enqueue("Volcanoes", "--organization", "Riverside Trust")

    [name] = worker.box("inbox")
    assert json.loads((worker.data / "queue" / "inbox" / name).read_text()) == {
        "request_id": request_id,
        "topic": "Volcanoes",
        "organization": "Riverside Trust",
        "user": "teacher",
    }


def test_database_url_names_another_database(worker: Worker, tmp_path: Path) -> None:
    worker.enqueue()
    run = worker.run(DATABASE_URL=f"sqlite:///{tmp_path}/elsewhere.db")

    assert run.counts()["lesson_generated"] == 1
    assert (tmp_path / "elsewhere.db").exists()
    assert not (worker.data / "content-worker.db").exists()


# Messages that no retry can mend

MALFORMED: dict[str, bytes | Entry] = {
    "no-uuid": request(request_id="42"),
    "uuid-without-hyphens": request(request_id=uuid.uuid4().hex),
    "uuid-in-braces": request(request_id=f"{{{uuid.uuid4()}}}"),
    "uuid-is-a-number": request(request_id=int(uuid.uuid4())),
    "uuid-missing": {"topic": "Volcanoes"},
    "topic-missing": {"request_id": str(uuid.uuid4())},
    "topic-empty": request(topic=""),
    "topic-is-a-number": request(topic=42),
    "topic-too-long": request(topic="x" * 201),
    "topic-with-nul": request(topic="a\0b"),
    "topic-with-half-a-character": request(topic="\ud800"),
    "user-is-a-list": request(user=["ada"]),
    "no-json": b"{",
    "no-text": b"\xff\xfe\xfa",
    "no-object": b"[]",
    "empty": b"",
    "too-deep": b"[" * 200_000,
}


def test_malformed_messages_are_set_aside_and_never_retried(worker: Worker) -> None:
    for name, content in MALFORMED.items():
        worker.drop(name, content)
    [good] = worker.enqueue()

    first = worker.run()
    second = worker.run()

    assert first.exit_code == 0
    warnings = first.events("message_set_aside")
    assert {entry["file"] for entry in warnings} == set(MALFORMED)
    assert {entry["severity"] for entry in warnings} == {"WARNING"}
    assert [e["request_id"] for e in first.events("lesson_generated")] == [good]
    assert worker.box("aside") == set(MALFORMED)
    assert worker.box("inbox") == set()
    assert second.counts() == {"worker_started": 1, "queue_empty": 1}


def test_the_warning_says_what_is_wrong(worker: Worker) -> None:
    worker.drop("bad", request(request_id="not-a-uuid"))

    [warning] = worker.run().events("message_set_aside")
    assert warning["message"] == "message set aside: the request id is not a UUID: 'not-a-uuid'"


def test_a_message_that_is_still_being_written_is_left_alone(worker: Worker) -> None:
    worker.drop(".draft.json", b'{"request_id": ')

    assert worker.run().counts()["queue_empty"] == 1
    assert worker.box("inbox") == {".draft.json"}


# Failures


def test_a_failed_request_stays_and_the_others_are_done(worker: Worker) -> None:
    worker.append(
        "lessons.py",
        """
_write_lesson = write_lesson
def write_lesson(message):
    if message.topic == "poison":
        raise RuntimeError("no lesson for poison")
    return _write_lesson(message)
""",
    )
    [poison] = worker.enqueue("poison")
    [good] = worker.enqueue("Volcanoes")

    run = worker.run()

    assert run.exit_code == 0
    [failure] = run.events("request_failed")
    assert (failure["severity"], failure["request_id"]) == ("ERROR", poison)
    assert failure["message"].startswith("request failed\nTraceback (most recent call last):\n")
    assert failure["message"].endswith("\nRuntimeError: no lesson for poison")
    assert [e["request_id"] for e in run.events("lesson_generated")] == [good]
    assert [poison in name for name in worker.box("inbox")] == [True]
    assert worker.query("SELECT topic FROM content_requests") == [("Volcanoes",)]

    shutil.copy(EXAMPLE / "content_worker" / "lessons.py", worker.code / "content_worker")
    assert [e["request_id"] for e in worker.run().events("lesson_generated")] == [poison]


def test_a_queue_that_cannot_be_read_fails_the_worker(worker: Worker) -> None:
    worker.data.mkdir()
    (worker.data / "queue").write_text("not a folder")

    assert_crashed(worker.run(), "NotADirectoryError")


def test_a_database_that_cannot_be_opened_fails_the_worker(worker: Worker, tmp_path: Path) -> None:
    run = worker.run(DATABASE_URL=f"sqlite:///{tmp_path}/no/such/folder.db")

    assert_crashed(run, "OperationalError")


@pytest.mark.parametrize("command", [[], ["check"]])
def test_a_model_that_cannot_be_imported_fails_the_worker(
    worker: Worker, command: list[str]
) -> None:
    worker.append("models/stray.py", "import a_package_that_nobody_has\n")

    assert_crashed(worker.run(*command), "ModuleNotFoundError")


def assert_crashed(run: Run, error: str) -> None:
    last = run.entries[-1]
    assert run.exit_code == 1
    assert (last["severity"], last["event"]) == ("CRITICAL", "worker_failed")
    assert last["message"].startswith("content worker failed\nTraceback (most recent call last):\n")
    assert error in last["message"]
    assert run.stderr == ""


def test_requests_can_be_queued_while_the_models_are_broken(worker: Worker) -> None:
    worker.append("models/stray.py", "import a_package_that_nobody_has\n")

    assert len(worker.enqueue()) == 1


# Several workers


def test_workers_at_once_do_each_request_once(worker: Worker) -> None:
    ids = [
        request_id
        for organization in ("Riverside Trust", "Hill School")
        for request_id in worker.enqueue("Volcanoes", "--organization", organization, "--count=50")
    ]

    runs = [finish(process) for process in [worker.start() for _ in range(4)]]

    assert [run.exit_code for run in runs] == [0] * 4
    done = Counter(e["request_id"] for run in runs for e in run.events("lesson_generated"))
    assert done == Counter(ids)
    assert sum((run.counts() for run in runs), Counter())["request_failed"] == 0
    assert worker.query("SELECT count(*) FROM content_requests") == [(100,)]
    assert worker.box("inbox") == set()


def test_a_message_that_another_worker_holds_is_left_to_it(worker: Worker) -> None:
    path = worker.drop("held.json", request())

    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        meanwhile = worker.run()
    afterwards = worker.run()

    assert meanwhile.counts() == {"worker_started": 1, "pass_finished": 1}
    assert afterwards.counts()["lesson_generated"] == 1


def test_a_message_that_another_worker_finished_just_now_is_not_done_again(worker: Worker) -> None:
    worker.append(
        "queue.py",
        """
_lock = fcntl.flock
def _lock_too_late(file, operation):
    path = Path(file.name)
    path.rename(path.parents[1] / "done" / path.name)
    _lock(file, operation)
fcntl.flock = _lock_too_late
""",
    )
    worker.enqueue()

    assert worker.run().counts() == {"worker_started": 1, "pass_finished": 1}


def test_a_request_that_was_done_but_not_acknowledged_is_not_done_again(worker: Worker) -> None:
    message = request()
    worker.drop("first.json", message)
    worker.run()
    worker.drop("again.json", message)

    run = worker.run()

    assert run.counts() == {"worker_started": 1, "request_repeated": 1, "pass_finished": 1}
    assert worker.box("done") == {"first.json", "again.json"}
    assert worker.query("SELECT count(*) FROM content_requests") == [(1,)]


# The self-check


def test_the_self_check_passes_without_touching_anything(worker: Worker) -> None:
    run = worker.run("check", DATABASE_URL="sqlite:////no/such/folder.db")

    assert run.exit_code == 0
    assert [(e["event"], e["models"]) for e in run.entries] == [("check_passed", 6)]
    assert not worker.data.exists()


def test_the_self_check_reports_every_broken_relationship_at_once(worker: Worker) -> None:
    worker.lay("start")
    worker.lay("broken")
    worker.append(
        "models/content_request.py", '    reviewer = relationship("Reviewer", viewonly=True)\n'
    )

    run = worker.run("check")

    assert run.exit_code == 1
    reasons = {e["part"]: e["reason"] for e in run.events("broken_mapping")}
    assert reasons.keys() == {
        "ContentRequest.reviewer",
        "Organization.schools",
        "Organization.feature_flags",
    }
    assert "expression 'Reviewer' failed to locate" in reasons["ContentRequest.reviewer"]
    assert "expression 'School' failed to locate" in reasons["Organization.schools"]
    assert "expression 'FeatureFlag' failed to locate" in reasons["Organization.feature_flags"]
    for entry in run.events("broken_mapping"):
        assert entry["severity"] == "ERROR"
        assert "\nTraceback (most recent call last):\n" in entry["message"]
    assert set(run.entries[-1]["broken"]) == reasons.keys()


def test_no_mistake_hides_another(worker: Worker) -> None:
    worker.append(
        "models/zoo.py",
        """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from content_worker.models.base import Base

class Animal(Base):
    __tablename__ = "animals"
    id: Mapped[int] = mapped_column(primary_key=True)
    cage_id: Mapped[int] = mapped_column(ForeignKey("cages.id"))
    lost_id: Mapped[int] = mapped_column(ForeignKey("nowhere.id"))
    one = relationship("Missing")
    two = relationship("Missing")
    cage: Mapped["Cage"] = relationship(back_populates="animals")
    unlinked = relationship("User")
    one_sided = relationship("Cage", back_populates="nothing", viewonly=True)
    fine = relationship("Cage", viewonly=True)

class Cage(Base):
    __tablename__ = "cages"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    animals: Mapped[list["Beast"]] = relationship(back_populates="cage")
    owner = relationship("User", backref=backref("cages", lazy="nonsense"))
""",
    )

    assert worker.run("check").entries[-1]["broken"] == [
        "Animal.one",
        "Animal.two",
        "Animal.unlinked",
        "Animal.one_sided",
        "Cage.animals",  # and not Animal.cage, its other end, which is right
        "Cage.owner",
        "User.cages",
        "animals.lost_id -> nowhere.id",
    ]


# The night


FIRST = (
    "sqlalchemy.exc.InvalidRequestError: When initializing mapper "
    "Mapper[Organization(organizations)], expression '{0}' failed to locate a name ('{0}')."
)
LATER = (
    "sqlalchemy.exc.InvalidRequestError: One or more mappers failed to initialize - can't proceed "
    "with initialization of other mappers. Triggering mapper: "
    "'Mapper[Organization(organizations)]'. Original exception was: When initializing mapper "
    "Mapper[Organization(organizations)], expression '{0}' failed to locate a name ('{0}')."
)


def test_the_database_and_the_queue_live_through_the_night(worker: Worker) -> None:
    worker.lay("start")
    before = worker.enqueue("Rivers", "--organization", "Riverside Trust")
    assert worker.run("check").exit_code == 0
    assert worker.run().counts()["lesson_generated"] == 1

    waiting = worker.enqueue("Volcanoes", "--organization", "Riverside Trust", "--count", "2")
    nights: list[list[Entry]] = []
    for state, missing, broken in [
        ("broken", "School", ["Organization.schools", "Organization.feature_flags"]),
        ("fix", "FeatureFlag", ["Organization.feature_flags"]),
    ]:
        worker.lay(state)
        run = worker.run()
        failures = run.events("request_failed")
        nights.append(failures)

        assert run.exit_code == 0
        assert [e["request_id"] for e in failures] == waiting
        assert FIRST.format(missing) in failures[0]["message"]
        assert LATER.format(missing) in failures[1]["message"]
        assert run.counts()["lesson_generated"] == 0
        assert len(worker.box("inbox")) == 2
        assert worker.run("check").entries[-1]["broken"] == broken

    # Read side by side, only the missing name tells the two nights apart.
    for first, second in zip(*nights, strict=True):
        assert frames(first) == frames(second) != []
        assert "FeatureFlag" not in first["message"]
        assert "School" not in second["message"]

    worker.lay("healed")
    run = worker.run()
    assert worker.run("check").exit_code == 0
    assert [e["request_id"] for e in run.events("lesson_generated")] == waiting
    assert run.counts()["request_failed"] == 0
    stored = worker.query("SELECT id FROM content_requests WHERE status = 'done'")
    assert {str(uuid.UUID(row[0])) for row in stored} == {*before, *waiting}
    assert worker.query("SELECT name FROM organizations") == [("Riverside Trust",)]


def test_overlays_hold_only_what_differs() -> None:
    for removed in (INCIDENT / "start" / "REMOVED").read_text().split():
        assert (EXAMPLE / removed).is_file()
        assert not (INCIDENT / "start" / removed).exists()
    for state in ("start", "broken", "fix"):
        for path in (INCIDENT / state).rglob("*.py"):
            example = EXAMPLE / path.relative_to(INCIDENT / state)
            assert path.read_bytes() != example.read_bytes()


# The image


def test_what_the_dockerfile_copies_is_enough_to_run(worker: Worker, tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.mkdir()
    lines = (EXAMPLE / "Dockerfile").read_text().splitlines()
    for line in (line for line in lines if line.startswith("COPY ")):
        *sources, target = [part for part in line.split()[1:] if not part.startswith("--")]
        for source in sources:
            path = worker.code / source
            (shutil.copytree if path.is_dir() else shutil.copy)(path, image / target)
    worker.enqueue()

    assert Worker(image, worker.data).run().counts()["lesson_generated"] == 1


def test_a_run_leaves_the_code_as_it_was(worker: Worker) -> None:
    before = {path: path.stat().st_mtime_ns for path in worker.code.rglob("*")}
    worker.enqueue()
    worker.run()
    worker.run("check")

    assert {path: path.stat().st_mtime_ns for path in worker.code.rglob("*")} == before
