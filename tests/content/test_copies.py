"""Which files of an image count as copies of a file that was changed, and which do not."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from git_world import World, world
from landed.content.blob import blob_id
from landed.content.candidates import Sought
from landed.content.copies import Copies, Found
from landed.content.repo import Repository
from landed.content.search_path import SearchPath
from landed.core.probe import File, Start

__all__ = ["world"]

SITE = "usr/lib/python3/dist-packages"
OLD = "".join(f"line {number}\n" for number in range(12))
NEW = OLD.replace("line 5\n", "line 5, mended\n")
LONG = OLD * 2
STRANGE = OLD + "and one more\n"
SHORT, SHORTER = "a = 1\n", "a = 2\n"
JSON = '{"name": "@own/pkg"}\n'


@dataclass
class Painted:
    """An image of texts."""

    texts: Mapping[str, bytes]
    start: Start = field(default_factory=Start)
    labels: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def files(self) -> dict[str, File]:
        return {
            path: File(mode="100644", blob=blob_id([text], len(text), "sha1"))
            for path, text in self.texts.items()
        }

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        wanted = list(paths)
        self.asked += wanted
        return {path: self.texts.get(path) for path in wanted}

    def layer(self, path: str) -> None:  # noqa: ARG002 - one layer, whatever is asked
        return None


@dataclass
class Yard:
    """A repository in which one file was changed, and images that have it at `place`."""

    repository: Repository
    path: str
    place: str
    own: dict[str, bytes]

    def image(self, others: Mapping[str, str | bytes], **start: Any) -> Painted:
        texts = {p: t.encode() if isinstance(t, str) else t for p, t in others.items()}
        return Painted({**self.own, **texts}, Start(**start))

    def found(
        self, image: Painted, *, planned: Iterable[str] = (), loaded: Iterable[str] = ()
    ) -> list[Found]:
        head = self.repository.resolve("HEAD")
        like = self.repository.tree(head)[self.path]
        sought = Sought(
            path=self.path, origin=self.path, names=(self.path,), places=(self.place,), like=like
        )
        return Copies(self.repository, image, lambda: set(planned), list(loaded)).of([sought])

    def paths(self, others: Mapping[str, str | bytes], **start: Any) -> list[str]:
        return [one.other.path for one in self.found(self.image(others, **start))]


def made(world: World, path: str, old: str, new: str, **others: str) -> Yard:
    """Commits `old` and `new` at a path, beside others that stay; all lies below /srv."""
    repo = world.repo()
    for name, text in others.items():
        repo.write(name, text)
    repo.write(path, old)
    repo.commit()
    repo.write(path, new)
    repo.commit()
    own = {f"srv/{name}": text.encode() for name, text in {**others, path: new}.items()}
    return Yard(Repository.open(repo.root), path, f"srv/{path}", own)


@pytest.fixture
def app(world: World) -> Yard:
    return made(world, "app/job.py", OLD, NEW, **{"app/__init__.py": "", "app/other.py": SHORT})


@pytest.mark.parametrize(
    "place",
    [
        f"{SITE}/app/job.py",
        "opt/venv/lib/python3.11/site-packages/app/job.py",
        "old/app/job.py",
        "app/job.py",
        "usr/src/jobs/job.py",
        "srv/vendor/app/job.py",
        f"{SITE}/platform/app/job.py",
    ],
)
def test_an_earlier_state_is_a_copy_wherever_it_lies(app: Yard, place: str) -> None:
    assert app.paths({place: OLD}) == [place]
    assert app.paths({place: NEW}) == []


@pytest.mark.parametrize(
    "place",
    [
        "srv/build/lib/app/job.py",
        "srv/build/lib.linux-x86_64-cpython-311/app/job.py",
        "srv/build/bdist.linux-x86_64/wheel/app/job.py",
        "srv/tests/app/job.py",
        "usr/share/doc/app/job.py",
        "root/.cache/app/job.py",
        f"{SITE}/app-1.0.dist-info/app/job.py",
        f"{SITE}/other/job.py",
        "srv/node_modules/other/job.py",
    ],
)
def test_what_nothing_runs_from_is_none(app: Yard, place: str) -> None:
    assert app.paths({place: OLD}) == []


def test_a_search_path_may_lead_to_leftovers(app: Yard) -> None:
    there = {"srv/build/lib/app/job.py": OLD}
    for start in (
        {"working_dir": "/srv/build/lib"},
        {"env": ("PYTHONPATH=/x:/srv/build/lib",)},
        {"working_dir": "/srv", "cmd": ("/bin/sh", "-c", "cd build/lib && python -m app")},
        {"working_dir": "/srv", "entrypoint": ("gunicorn", "--chdir=build/lib", "app")},
    ):
        assert app.paths(there, **start) == list(there)
    assert app.paths(there, working_dir="/srv", cmd=("python", "-m", "app")) == []


def test_a_path_of_the_source_s_own_counts_where_programs_look_for_it(app: Yard) -> None:
    image = app.image({"srv/b/app/job.py": OLD, "srv/third_party/app/job.py": OLD})
    theirs = ["srv/b/app/job.py", "srv/third_party/app/job.py"]
    bundled = [one.other.path for one in app.found(image, planned=theirs)]
    assert bundled == ["srv/third_party/app/job.py"]
    image = app.image({"srv/b/app/job.py": OLD, "srv/c/app/job.py": STRANGE}, working_dir="/srv/b")
    theirs = ["srv/b/app/job.py", "srv/c/app/job.py"]
    assert [one.other.path for one in app.found(image, planned=theirs)] == ["srv/b/app/job.py"]
    # A file of the source's own that was never this file is another, though alike.
    image = app.image({"srv/c/app/job.py": STRANGE}, working_dir="/srv/c")
    assert app.found(image, planned=["srv/c/app/job.py"]) == []


def test_another_node_package_of_the_source_has_files_of_its_own(world: World) -> None:
    others = {"a/package.json": JSON, "b/package.json": JSON.replace("pkg", "web")}
    yard = made(world, "a/src/config.js", OLD, NEW, **others)
    start = {"working_dir": "/srv", "cmd": ("node", "b/server.js")}
    image = yard.image({"srv/b/src/config.js": OLD}, **start)
    assert yard.found(image, planned=["srv/b/src/config.js"]) == []
    # The same package, once more, is a copy.
    image = yard.image({"srv/b/src/config.js": OLD, "srv/b/package.json": JSON}, **start)
    assert len(yard.found(image, planned=["srv/b/src/config.js"])) == 1


@pytest.mark.parametrize("start", [("python", "-m", "app"), ("celery", "-A", "app", "worker")])
def test_a_module_is_no_folder_that_programs_look_in(world: World, start: tuple[str, ...]) -> None:
    yard = made(world, "config.py", OLD, NEW)
    image = yard.image({"srv/app/config.py": OLD}, working_dir="/srv", cmd=start)
    assert yard.found(image, planned=["srv/app/config.py"]) == []
    image = yard.image({"srv/app/config.py": OLD}, working_dir="/srv", cmd=("python", "app"))
    assert len(yard.found(image, planned=["srv/app/config.py"])) == 1


def test_a_module_of_a_package_was_not_loaded_as_one_without(world: World) -> None:
    yard = made(world, "config.py", OLD, NEW)
    twin = "srv/app/config.py"
    image = yard.image({twin: OLD}, working_dir="/srv")
    assert len(yard.found(image, planned=[twin], loaded=[twin])) == 1
    image = yard.image({twin: OLD, "srv/app/__init__.py": ""}, working_dir="/srv")
    assert yard.found(image, planned=[twin], loaded=[twin]) == []
    # But for a start command that leads into the package.
    image = yard.image(image.texts, working_dir="/srv", cmd=("python", "app/main.py"))
    assert len(yard.found(image, planned=[twin], loaded=[twin])) == 1


def test_what_is_in_no_commit_counts_where_programs_look_for_it(app: Yard) -> None:
    assert app.paths({f"{SITE}/app/job.py": STRANGE}) == [f"{SITE}/app/job.py"]
    assert app.paths({"opt/app/job.py": STRANGE}, env=("PYTHONPATH=/opt",)) == ["opt/app/job.py"]
    image = app.image({"opt/app/job.py": STRANGE, f"{SITE}/other/app/job.py": STRANGE})
    assert app.found(image) == []
    # Nobody reads a layer for a file that could not run.
    assert image.asked == []
    assert app.paths({f"{SITE}/app/job.py": "print('another program')\n" * 9}) == []


def test_what_was_loaded_under_the_name_counts_whatever_it_is(app: Yard) -> None:
    other = {"opt/x/app/__init__.py": "", "opt/x/app/job.py": "print('another')\n"}
    image = app.image(other)
    assert app.found(image) == []
    assert [one.other.path for one in app.found(image, loaded=["opt/x/app/job.py"])] == [
        "opt/x/app/job.py"
    ]
    # Its package was: so would it be.
    found = app.found(image, loaded=["opt/x/app/__init__.py"])
    assert [one.other.path for one in found] == ["opt/x/app/job.py"]
    compiled = app.image({"srv/app/job.cpython-311-x86_64-linux-gnu.so": b"\x7fELF"})
    found = app.found(compiled, loaded=["srv/app/job.cpython-311-x86_64-linux-gnu.so"])
    assert [one.other.path for one in found] == ["srv/app/job.cpython-311-x86_64-linux-gnu.so"]
    assert app.found(compiled, loaded=["srv/app/job.py"]) == []


def test_byte_code_without_its_text_on_the_search_path(app: Yard) -> None:
    there = {"opt/app/__init__.pyc": b"\0", "opt/app/job.pyc": b"\0old"}
    assert app.paths(there) == []
    assert app.paths(there, env=("PYTHONPATH=/opt",)) == ["opt/app/job.pyc"]
    # Where the text is as well, that is taken.
    assert app.paths({**there, "opt/app/job.py": NEW}, env=("PYTHONPATH=/opt",)) == []
    assert app.paths({"srv/app/job.pyc": b"\0old"}, working_dir="/srv") == []


def test_a_package_that_lacks_the_file(app: Yard) -> None:
    found = app.found(app.image({f"{SITE}/app/__init__.py": "", f"{SITE}/app/other.py": SHORT}))
    assert [(one.other.path, one.file) for one in found] == [(f"{SITE}/app/job.py", None)]
    # Another package of that name, and one of which only what is empty is there, are none.
    assert app.paths({f"{SITE}/app/__init__.py": "", f"{SITE}/app/other.py": "b = 9\n"}) == []
    assert app.paths({f"{SITE}/app/__init__.py": ""}) == []
    assert app.paths({f"{SITE}/app/__init__.py": SHORT}) == []
    assert app.paths({"srv/build/lib/app/other.py": SHORT}) == []


@pytest.mark.parametrize(
    ("path", "own", "its"),
    [
        ("app/job.py", "app/main.py", "main.py"),
        ("a/app/job.py", "a/app/main.py", "b/app/main.py"),
        ("a/src/job.js", "a/src/index.js", "b/src/index.js"),
    ],
)
def test_a_folder_of_the_source_s_own_lacks_nothing(
    world: World, path: str, own: str, its: str
) -> None:
    top = path.rpartition("/")[0]
    others = {own: LONG, its: STRANGE, f"{top}/__init__.py": "", "a/package.json": JSON}
    yard = made(world, path, OLD, NEW, **others)
    if not path.startswith("a/"):
        # The usual folder is called as the usual package is.
        own_files = {place.replace("srv/", "app/"): text for place, text in yard.own.items()}
        yard = Yard(yard.repository, yard.path, f"app/{path}", own_files)
    root = yard.place.removesuffix(path)
    assert yard.found(yard.image({}, working_dir=f"/{root}"), planned=yard.own) == []
    # But where programs look for the package there.
    inner = path.rpartition("/")[0].removeprefix("a/")
    there = f"{root}{its}".rpartition("/")[0].removesuffix(inner)
    image = yard.image({}, env=(f"PYTHONPATH=/{there}",))
    assert len(yard.found(image, planned=yard.own)) == 1


def test_archives_on_the_search_path_are_opened(app: Yard) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app/job.py", STRANGE)
    there = {"opt/app.zip": packed.getvalue()}
    assert app.paths(there) == []
    path = "opt/app.zip/app/job.py"
    assert app.paths(there, env=("PYTHONPATH=/opt/app.zip",)) == [path]
    assert app.paths(there, cmd=("python", "/opt/app.zip")) == [path]
    assert [one.other.path for one in app.found(app.image(there), loaded=[path])] == [path]
    assert app.paths({"opt/app.zip": "no archive"}, env=("PYTHONPATH=/opt/app.zip",)) == []


@pytest.mark.parametrize("name", ["__init__.py", "index.js", "utils.py", "conftest.py"])
def test_names_that_every_image_is_full_of(world: World, name: str) -> None:
    yard = made(world, f"app/{name}", OLD, NEW)
    many = {f"{SITE}/p{n}/{name}": f"p = {n}\n" * n for n in range(60)}
    many |= {f"srv/node_modules/p{n}/lib/{name}": f"p = {n}\n" * n for n in range(60)}
    many |= {f"{SITE}/p/{name}": "", f"{SITE}/app/other/{name}": "import app\n" * 9}
    image = yard.image(many, working_dir="/srv")
    assert yard.found(image) == []
    assert image.asked == []


def test_a_short_phrase_under_a_common_name_is_none(world: World) -> None:
    yard = made(world, "setup.py", SHORT, SHORTER)
    assert yard.paths({"opt/other/setup.py": SHORT}) == []
    # Where a program would look for it, it is.
    assert yard.paths({"opt/other/setup.py": SHORT}, working_dir="/opt/other") == [
        "opt/other/setup.py"
    ]


def test_a_layout_with_a_source_folder(world: World) -> None:
    yard = made(world, "src/app/job.py", SHORT, SHORTER)
    assert yard.paths({f"{SITE}/app/job.py": SHORT}) == [f"{SITE}/app/job.py"]


def test_our_own_node_package_is_known_by_its_name(world: World) -> None:
    yard = made(world, "packages/pkg/src/index.js", OLD, NEW, **{"packages/pkg/package.json": JSON})
    ours = "srv/node_modules/@own/pkg/src/index.js"
    assert yard.paths({ours: OLD}) == [ours]
    assert yard.paths({ours: STRANGE}) == [ours]
    image = yard.image({"srv/node_modules/other/src/index.js": STRANGE})
    assert yard.found(image) == []
    assert image.asked == []


def test_a_long_way_to_the_search_path() -> None:
    start = Start(
        working_dir="/srv/./app/..",
        env=("PATH=/bin", "PYTHONPATH=lib:/opt//x/", "NODE_PATH=/n"),
        cmd=("python", "bin/start.py", "--app-dir=src"),
    )
    there = SearchPath(start).folders
    assert {"srv", "srv/lib", "opt/x", "n", "srv/bin", "srv/src"} <= set(there)
    assert not {"bin", "src"} & set(there)
    assert SearchPath(Start()).folders == {""}


def test_an_image_of_many_files_is_gone_through_once(app: Yard) -> None:
    many = {f"{SITE}/p{n}/{n % 7}/__init__.py": hashlib.md5(b"%d" % n).digest() for n in range(999)}  # noqa: S324 - any bytes will do
    image = app.image(many)
    assert app.found(image) == []
    assert image.asked == []
