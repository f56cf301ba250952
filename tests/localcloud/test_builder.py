from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from git_world import World, world
from landed.content.repo import Repository
from landed.core.errors import DataError, UsageError
from landed.localcloud import disk
from landed.localcloud.cloud import LocalCloud
from landed.localcloud.images import parse
from landed.localcloud.imaging import Order
from landed.localcloud.upload import Archive
from localcloud.workshop import Workshop
from waiting import until

__all__ = ["world"]
BUILD = (
    "import sys; from pathlib import Path; from landed.localcloud.cloud import LocalCloud;"
    "from landed.localcloud.imaging import Order;"
    "d = LocalCloud(Path(sys.argv[1])).builder.from_upload("
    "Path(sys.argv[2]), 'sha1', Order(tags=('worker:latest',)));"
    "print(d.digest)"
)


def archived(shop: Workshop, **more: str) -> list[str]:
    done = shop.build("worker", **more)
    assert done.status == "SUCCESS", done.failure
    with tarfile.open(shop.cloud.archive(done)) as tar:
        return sorted(tar.getnames())


def test_an_upload_takes_the_folder_as_it_lies_there(shop: Workshop) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=shop.source, check=True)
    shop.write(".gitignore", "*.env\n")
    shop.write("tracked.env", "1")
    shop.write("sub/.gitignore", "*.py\n")
    shop.write("sub/untracked.py", "1")
    shop.write(".git/info/exclude", "untracked.txt\n")
    shop.write("untracked.txt", "1")
    subprocess.run(["git", "add", "-f", "tracked.env"], cwd=shop.source, check=True)
    assert archived(shop) == [
        "Dockerfile", "app/__init__.py", "app/__main__.py", "sub/untracked.py", "untracked.txt",
    ]  # fmt: skip


def test_without_git_everything_goes_but_landed_s_own(shop: Workshop) -> None:
    shop.cloud = LocalCloud(shop.source / ".landed" / "cloud")
    shop.cloud.prepare()
    shop.write(".landed/ledger.db", "x")
    shop.write("sub/.gitignore", "x")
    assert archived(shop) == ["Dockerfile", "app/__init__.py", "app/__main__.py", "sub/.gitignore"]


def test_what_is_no_file_is_no_part_of_an_upload(shop: Workshop) -> None:
    os.mkfifo(shop.source / "pipe")
    (shop.source / "out").symlink_to("/etc")
    (shop.source / "nowhere").symlink_to("nosuch")
    (shop.source / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(shop.source)
        listening.bind("socket")
        os.chdir(here)
        names = archived(shop)
    assert {"out", "nowhere", "loop"} <= set(names)
    assert not [name for name in names if name.startswith(("pipe", "socket", "out/"))]


def test_for_the_rules_a_link_to_a_folder_is_a_folder(shop: Workshop) -> None:
    shop.write(".gcloudignore", "out/\nplain/\n")
    (shop.source / "out").symlink_to("/etc")
    (shop.source / "plain").symlink_to("Dockerfile")
    names = archived(shop)
    assert ("out" in names, "plain" in names) == (False, True)


@pytest.mark.parametrize(
    ("error", "words"),
    [(FileNotFoundError, "app/__main__.py vanished"), (PermissionError, "cannot be read")],
)
def test_a_file_that_cannot_be_read_fails_the_build(
    error: type[OSError], words: str, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "__main__.py":
            raise error(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    done = shop.build("worker")
    assert done.status == "FAILURE"
    assert words in done.failure


def test_an_include_that_is_not_there_fails_the_build(shop: Workshop) -> None:
    shop.write(".gcloudignore", "#!include:.nosuch\n")
    assert ".gcloudignore:1" in shop.build("worker").failure


def test_a_clone_records_what_it_was_made_from(world: World, tmp_path: Path) -> None:
    here, bare = world.pushed(Dockerfile='FROM scratch\nCOPY a.py /a.py\nCMD ["/a.py"]\n')
    here.commit("second", a_py="print('two')\n")
    here.git("push", "-q", "origin", "main")
    tip = here.commit("third", a_py="print('three')\n")
    pushed = here.git("rev-parse", "HEAD~1")
    cloud = LocalCloud(tmp_path / "cloud")
    with Repository.open(here.root) as repository:
        order = Order(tags=("worker:latest",))
        url = bare.root.as_uri()
        done = cloud.builder.from_clone(repository, url, "refs/heads/main", "", order)
        assert done.source
        assert (done.status, done.source.resolved_commit) == ("SUCCESS", pushed)
        assert (done.source.kind, done.source.ref) == ("clone", "refs/heads/main")
        assert done.source.tip_then == pushed
        gone = cloud.builder.from_clone(repository, url, "refs/heads/nosuch", "", order)
        assert gone.status == "FAILURE"
        assert "no refs/heads/nosuch" in gone.failure
        lost = cloud.builder.from_clone(repository, url, "refs/heads/main", "", order, tip)
        assert lost.status == "FAILURE"
        assert lost.source is None
    assert [build.status for build in cloud.builds()] == ["FAILURE", "FAILURE", "SUCCESS"]


def test_a_commit_of_another_branch_of_the_remote_can_be_asked_for(
    world: World, tmp_path: Path
) -> None:
    here, bare = world.pushed(Dockerfile='FROM scratch\nCMD ["x"]\n')
    here.git("checkout", "-q", "-b", "other")
    inner = here.commit("inner", a_py="1")
    here.commit("tip", a_py="2")
    here.git("push", "-q", "origin", "other")
    cloud = LocalCloud(tmp_path / "cloud")
    with Repository.open(here.root) as repository:
        done = cloud.builder.from_clone(
            repository, bare.root.as_uri(), "refs/heads/main", "", Order(tags=("w",)), inner
        )
    assert done.status == "SUCCESS", done.failure
    assert done.source
    assert done.source.resolved_commit == inner
    assert done.source.tip_then != inner


def test_a_build_without_a_name_pushes_nothing(shop: Workshop) -> None:
    done = shop.build()
    assert (done.status, done.digest, done.images) == ("SUCCESS", None, ())
    assert shop.cloud.images.names() == []


def test_run_is_recorded_and_not_run(shop: Workshop) -> None:
    shop.write("Dockerfile", 'FROM x\nRUN touch /ran\nCOPY app /app\nCMD ["x"]\n')
    done = shop.build("worker")
    assert done.not_run == ("touch /ran",)
    assert done.unpinned == ("FROM x", "RUN touch /ran")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FROM x\nCOPY nosuch /x\n", "Dockerfile: line 2: COPY finds nothing at `nosuch`"),
        ("NOSUCH\n", "Dockerfile: line 1: `NOSUCH` is no instruction"),
        ("", "Dockerfile: there is no FROM"),
    ],
)
def test_a_failed_build_is_recorded(text: str, words: str, shop: Workshop) -> None:
    shop.write("Dockerfile", text)
    done = shop.build("worker")
    assert done.status == "FAILURE"
    assert words in done.failure
    assert done.source
    assert done.source.files == 3
    assert [build.failure for build in shop.cloud.builds()] == [done.failure]
    assert shop.cloud.images.names() == []


@pytest.mark.parametrize(
    "name", ["", "A", "a:b:c", "../a", "a//b", "a/./b", "a/blobs/b", "a@sha256:1", "-a", "a:"]
)
def test_names_that_name_no_image(name: str) -> None:
    with pytest.raises(UsageError):
        parse(f"{name}")


def test_a_digest_is_no_name_to_push_to(shop: Workshop) -> None:
    with pytest.raises(UsageError):
        shop.build(f"worker@sha256:{'0' * 64}")
    assert shop.cloud.builds() == []


def test_other_tools_read_the_store(shop: Workshop, tmp_path: Path) -> None:
    shop.write("app/line\nbreak.py", "1")
    shop.write("app/caf\udce9.py", "2")
    (shop.source / "app" / "link").symlink_to("__main__.py")
    shop.write("app/tool.sh", "#!/bin/sh\n").chmod(0o755)
    shop.write("Dockerfile", 'FROM x\nCOPY --chown=7:8 app /app\nENV A=1\nLABEL l=2\nCMD ["c"]\n')
    done = shop.build("team/worker:v1", "other:v2")
    assert done.status == "SUCCESS", done.failure
    layout = shop.cloud.images.layout("team/worker")
    for name, tag in (("team/worker", "v1"), ("other", "v2")):
        place = f"oci:{shop.cloud.images.layout(name).root}:{tag}"
        shown = subprocess.run(["skopeo", "inspect", place], check=True, capture_output=True)
        assert json.loads(shown.stdout)["Digest"] == done.digest
        copied = tmp_path / tag
        subprocess.run(
            ["skopeo", "copy", "--insecure-policy", place, f"dir:{copied}"],
            check=True, capture_output=True,
        )  # fmt: skip
        assert json.loads((copied / "manifest.json").read_bytes())["layers"]
    digest = str(done.digest)
    files = layout.image(digest).files("sha1")
    archive = Archive(shop.cloud.archive(done), str(done.source and done.source.sha256), "sha1")
    assert {f"app/{p[4:]}": f.file for p, f in files.items()} == {
        path: file for path, file in archive.files.items() if path.startswith("app/")
    }
    assert files["app/link"].file.mode == "120000"
    assert files["app/tool.sh"].file.mode == "100755"
    assert files["app/tool.sh"].owner == (7, 8)
    layout.image(digest).lay_out(files, tmp_path / "out")
    assert (tmp_path / "out/app/line\nbreak.py").read_text() == "1"
    assert (tmp_path / "out/app/caf\udce9.py").read_text() == "2"


def test_an_image_that_other_tools_put_there(shop: Workshop) -> None:
    digest = shop.built()
    images = shop.cloud.images.root
    subprocess.run(
        ["skopeo", "copy", "--insecure-policy", f"oci:{images}/worker:latest",
         f"oci:{images}/mirror:v1"],
        check=True, capture_output=True,
    )  # fmt: skip
    assert shop.cloud.images.resolve(parse("mirror:v1")) == digest


def test_a_base_of_this_cloud_lends_its_files_and_settings(shop: Workshop) -> None:
    shop.write("Dockerfile", 'FROM x\nWORKDIR /app\nCOPY app .\nENV A=1 B=1\nCMD ["a"]\n')
    shop.built("base:v1")
    shop.write("Dockerfile", 'FROM base:v1\nCOPY Dockerfile /d\nENV B=2\nENTRYPOINT ["e"]\n')
    done = shop.build("worker")
    assert done.base_fetched
    layout, digest = shop.cloud.images.layout("worker"), str(done.digest)
    assert set(layout.image(digest).files("sha1")) == {"app/__init__.py", "app/__main__.py", "d"}
    settings = layout.image(digest).settings
    assert settings.env == ("A=1", "B=2")
    assert (settings.entrypoint, settings.cmd, settings.working_dir) == (("e",), None, "/app")


def test_a_base_lends_its_folder_and_its_variables_to_the_steps_on_it(shop: Workshop) -> None:
    shop.write("Dockerfile", "FROM scratch\nENV INTO=code\nWORKDIR /srv/base\n")
    shop.built("base:v1")
    shop.write("Dockerfile", "FROM base:v1\nCOPY app $INTO\nWORKDIR under\nCOPY Dockerfile .\n")
    layout, digest = shop.cloud.images.layout("worker"), shop.built("worker")
    assert set(layout.image(digest).files("sha1")) == {
        "srv/base/code/__init__.py",
        "srv/base/code/__main__.py",
        "srv/base/under/Dockerfile",
    }
    settings = layout.image(digest).settings
    assert (settings.working_dir, settings.env) == ("/srv/base/under", ("INTO=code",))


def test_a_damaged_base_fails_the_build(shop: Workshop) -> None:
    base = shop.built("base:v1")
    layout = shop.cloud.images.layout("base")
    layout.blob_path(layout.image(base).manifest.layers[0].digest).write_bytes(b"x")
    shop.write("Dockerfile", 'FROM base:v1\nCMD ["e"]\n')
    assert "damaged" in shop.build("worker").failure


def test_building_again_mends_a_damaged_image(shop: Workshop) -> None:
    digest = shop.built()
    layout = shop.cloud.images.layout("worker")
    layer = layout.blob_path(layout.image(digest).manifest.layers[0].digest)
    layer.write_bytes(b"x" * layer.stat().st_size)
    with pytest.raises(DataError):
        layout.image(digest).files("sha1")
    shop.built()
    assert layout.image(digest).files("sha1")


@pytest.mark.parametrize("text", [b"", b"garbage", b"[]", b"{}", b'{"manifests": [1]}',
                                  b'{"manifests": [{}]}', b'{"manifests": [{"digest": "x"}]}',
                                  b'{"manifests": [{"digest": 1, "annotations": []}]}',
                                  b"[" * 100_000])  # fmt: skip
def test_a_damaged_index_is_said(text: bytes, shop: Workshop) -> None:
    shop.built()
    (shop.cloud.images.root / "worker" / "index.json").write_bytes(text)
    with pytest.raises(DataError) as error:
        shop.cloud.images.resolve(parse("worker:latest"))
    assert error.value.hint
    assert shop.build("worker:latest").status == "FAILURE"


def test_a_tag_moves_and_the_old_image_stays(shop: Workshop) -> None:
    first = shop.built()
    shop.write("app/__main__.py", "print(2)\n")
    second = shop.built()
    assert shop.cloud.images.resolve(parse("worker:latest")) == second
    assert shop.cloud.images.resolve(parse(f"worker@{first}")) == first
    index = json.loads((shop.cloud.images.root / "worker" / "index.json").read_bytes())
    assert [entry["digest"] for entry in index["manifests"]] == [first, second]


def start(shop: Workshop, source: Path | None = None) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", BUILD, str(shop.cloud.root), str(source or shop.source)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_builds_of_one_tag_at_once(shop: Workshop, tmp_path: Path) -> None:
    builds = []
    for number in range(4):
        source = tmp_path / f"source{number}"
        shutil.copytree(shop.source, source)
        (source / "app" / "__main__.py").write_text(f"print({number})\n")
        builds.append(start(shop, source))
    digests = set()
    for build in builds:
        out, err = build.communicate(timeout=60)
        assert build.returncode == 0, err
        digests.add(out.strip())
    assert len(digests) == 4
    index = json.loads((shop.cloud.images.root / "worker" / "index.json").read_bytes())
    assert {entry["digest"] for entry in index["manifests"]} == digests
    assert shop.cloud.images.resolve(parse("worker:latest")) in digests
    for digest in digests:
        assert shop.cloud.images.layout("worker").image(digest).files("sha1")


def test_a_killed_builder_leaves_a_lost_build_and_a_usable_store(shop: Workshop) -> None:
    digest = shop.built()
    for number in range(60):
        shop.write(f"app/data{number}.bin", random.Random(number).randbytes(100_000))
    lost = 0
    for number in range(6):
        before = len(shop.cloud.builds())
        build = start(shop)
        until(lambda n=before: len(shop.cloud.builds()) > n)  # type: ignore[misc]
        # Another moment each time: the point of the kill is what is varied here.
        time.sleep(0.06 * number)
        build.kill()
        build.communicate()
        newest = shop.cloud.builds()[0]
        assert newest.status in {"LOST", "SUCCESS"}
        lost += newest.status == "LOST"
        assert shop.cloud.images.resolve(parse("worker:latest"))
    assert lost
    assert shop.cloud.images.layout("worker").image(digest).files("sha1")
    again = shop.built()
    assert shop.cloud.images.layout("worker").image(again).files("sha1")


def test_a_build_that_goes_on_is_not_lost(shop: Workshop) -> None:
    seen = []

    def look(_words: str) -> None:
        seen.append(LocalCloud(shop.cloud.root).builds()[0].status)

    shop.cloud.builder = type(shop.cloud.builder)(shop.cloud.root, look)
    shop.built()
    assert set(seen) == {"WORKING"}


def test_an_interrupted_build_is_recorded(shop: Workshop) -> None:
    # A shell starts what runs in the background deaf to it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt(_words: str) -> None:
        signal.raise_signal(signal.SIGINT)

    shop.cloud.builder = type(shop.cloud.builder)(shop.cloud.root, interrupt)
    with pytest.raises(KeyboardInterrupt):
        shop.build("worker")
    signal.signal(signal.SIGINT, before)
    assert [b.status for b in shop.cloud.builds()] == ["FAILURE"]


def test_a_full_disk_is_said_and_the_store_stays_readable(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = shop.built()
    shop.write("app/more.py", "1")
    real = disk.write

    def write(path: Path, data: bytes) -> None:
        if "images" in path.parts:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        real(path, data)

    monkeypatch.setattr("landed.localcloud.images.write", write)
    with pytest.raises(OSError, match="No space left"):
        shop.build("worker")
    newest = shop.cloud.builds()[0]
    assert newest.status == "FAILURE"
    assert "No space left" in newest.failure
    assert shop.cloud.images.resolve(parse("worker:latest")) == digest


def test_a_damaged_record_is_never_passed_over(shop: Workshop) -> None:
    first, second = shop.build("worker"), shop.build("worker")
    (shop.cloud.root / "builds" / first.id / "build.json").write_bytes(b'{"id": 1}')
    with pytest.raises(DataError, match=first.id):
        shop.cloud.builds()
    shutil.rmtree(shop.cloud.root / "builds" / first.id)
    (shop.cloud.root / "builds" / "stray").write_text("x")
    assert [build.id for build in shop.cloud.builds()] == [second.id]


def test_an_upload_that_was_changed_since_is_said(shop: Workshop) -> None:
    done = shop.build("worker")
    assert done.source
    place = shop.cloud.archive(done)
    for change in (place.read_bytes() + b"x", b""):
        place.write_bytes(change)
        with pytest.raises(DataError):
            _ = Archive(place, done.source.sha256, "sha1").files
    place.unlink()
    with pytest.raises(DataError):
        _ = Archive(place, done.source.sha256, "sha1").files


def test_a_record_of_an_older_landed_is_read(shop: Workshop) -> None:
    done = shop.build("worker:latest")
    place = shop.cloud.root / "builds" / done.id / "build.json"
    record = json.loads(place.read_text())
    for name in ("asked", "failure_type", "location", "start_time", "steps", "trigger"):
        del record[name]
    del record["source"]["stored"]
    place.write_text(json.dumps(record))
    assert shop.cloud.build(done.id) == done
