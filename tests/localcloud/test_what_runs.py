from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from landed.core.errors import UsageError
from localcloud.yard import Yard

JOB = "worker"
LOOK = "import json, os; print(json.dumps(dict(os.environ)))"


def seen(yard: Yard, execution: str) -> dict[str, str]:
    """The JSON object that an execution printed."""
    found: dict[str, str] = yard.cloud.logs(JOB, execution)[0]["jsonPayload"]
    return found


def test_the_environment_is_the_image_s_and_the_job_s_and_nothing_else(
    yard: Yard, isolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_OF_THE_CALLER", "GIT_DIR", "VIRTUAL_ENV", "PYTHONPATH"):
        monkeypatch.setenv(name, "/of/the/caller")
    recipe = 'FROM x\nENV OF_THE_IMAGE=1\nCOPY main.py /app/\nCMD ["python", "/app/main.py"]\n'
    yard.deployed(LOOK, recipe)
    yard.cloud.deploy(JOB, f"{JOB}:latest", {"OF_THE_JOB": "2"})
    done = yard.cloud.execute(JOB, wait=True)
    assert (done.status, done.exit_code, done.isolation) == ("SUCCEEDED", 0, isolation)
    env = seen(yard, done.id)
    assert "/of/the/caller" not in env.values()
    assert {"OF_THE_IMAGE": "1", "OF_THE_JOB": "2", "LANG": "C.UTF-8"}.items() <= env.items()
    assert {"CLOUD_RUN_JOB": JOB, "CLOUD_RUN_EXECUTION": done.id}.items() <= env.items()
    assert env["CLOUD_RUN_TASK_INDEX"] == "0"
    allowed = {
        "PATH", "HOME", "LANG", "LC_CTYPE", "PWD", "DATA_DIR", "PYTHONPATH", "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE", "CLOUD_RUN_JOB", "CLOUD_RUN_EXECUTION", "CLOUD_RUN_TASK_INDEX",
        "OF_THE_IMAGE", "OF_THE_JOB", "LANDED_MODULES",
    }  # fmt: skip
    assert set(env) <= allowed


@pytest.mark.usefixtures("isolation")
def test_the_path_of_the_image_comes_after_the_runtime_s(yard: Yard) -> None:
    recipe = "FROM x\nENV PATH=/app/bin:$PATH\nCOPY main.py /app/\nCOPY main.py /app/bin/tool\n"
    done, said = yard.ran(
        "import shutil; print(shutil.which('sh')); print(__import__('os').environ['PATH'])",
        recipe + 'CMD ["python", "/app/main.py"]\n',
    )
    assert done.status == "SUCCEEDED", said
    assert said[0].endswith("/sh")
    assert any(part.endswith("/app/bin") for part in said[1].split(":")[1:])


@pytest.mark.usefixtures("isolation")
def test_landed_itself_cannot_be_imported(yard: Yard) -> None:
    program = "import importlib.util as u\nfor n in ('landed', 'msgspec'): print(u.find_spec(n))"
    done, said = yard.ran(program)
    assert (done.status, said) == ("SUCCEEDED", ["None", "None"])
    assert done.modules is not None
    assert (done.modules.image, done.modules.foreign) == (1, ())
    assert done.modules.runtime > 10
    assert done.runtime is not None
    assert not [p for p in done.runtime.packages if p.startswith("msgspec")]


@pytest.mark.usefixtures("isolation")
def test_what_was_loaded_of_the_image_is_written_down(yard: Yard) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("zipped/__init__.py", "")
    recipe = (
        "FROM x\nCOPY main.py /app/\nCOPY lib /opt/lib\nENV PYTHONPATH=/opt/lib:/opt/lib/a.zip\n"
    )
    source = yard.source(
        Dockerfile=recipe + '\nCMD ["python", "/app/main.py"]\n', main_py="import own.part, zipped"
    )
    (source / "lib/own").mkdir(parents=True)
    for name in ("__init__", "part", "unused"):
        (source / f"lib/own/{name}.py").write_text("")
    (source / "lib/a.zip").write_bytes(packed.getvalue())
    built = yard.build(source)
    yard.cloud.deploy(JOB, f"{JOB}@{built.digest}")
    done = yard.cloud.execute(JOB, wait=True)
    assert done.modules is not None
    assert done.modules.loaded == (
        "app/main.py",
        "opt/lib/a.zip/zipped/__init__.py",
        "opt/lib/own/__init__.py",
        "opt/lib/own/part.py",
    )


@pytest.mark.parametrize(
    ("program", "code"),
    [("raise SystemExit(3)", 3), ("1 / 0", 1), ("import os; os.kill(os.getpid(), 9)", 137),
     ("import os; os._exit(7)", 7)],
)  # fmt: skip
@pytest.mark.usefixtures("isolation")
def test_the_exit_code_is_the_program_s(yard: Yard, program: str, code: int) -> None:
    done, _ = yard.ran(program)
    assert (done.status, done.exit_code) == ("FAILED", code)
    assert done.finish_time is not None


@pytest.mark.parametrize(
    "command",
    ['["python3", "/app/main.py", "one"]', "python /app/main.py one",
     '["/usr/bin/env", "python3", "/app/main.py", "one"]', '["/app/main.py", "one"]'],
)  # fmt: skip
def test_python_means_the_runtime_s_however_it_is_called(yard: Yard, command: str) -> None:
    recipe = f"FROM x\nCOPY --chmod=755 main.py /app/\nCMD {command}\n"
    program = "#!/usr/bin/env python\nimport sys; print(sys.prefix, *sys.argv[1:])"
    done, said = yard.ran(program, recipe)
    assert done.status == "SUCCEEDED", said
    assert said == [f"{Path(__file__).parents[2].resolve() / '.runtime'} one"]


@pytest.mark.usefixtures("isolation")
def test_entrypoint_comes_before_cmd(yard: Yard) -> None:
    recipe = 'FROM x\nCOPY main.py /\nENTRYPOINT ["python", "/main.py", "a"]\nCMD ["b"]\n'
    _, said = yard.ran("import sys; print(sys.argv[1:])", recipe)
    assert said == ["['a', 'b']"]


@pytest.mark.usefixtures("isolation")
def test_names_that_are_no_text_can_be_run_beside(yard: Yard) -> None:
    recipe = 'FROM x\nCOPY . /app/\nCMD ["python", "/app/main.py"]\n'
    source = yard.source(Dockerfile=recipe, main_py="import os; print(len(os.listdir('.')))")
    for name in (b"\xff\xfe", b"a\nb"):
        (source / os.fsdecode(name)).write_text("")
    built = yard.build(source)
    yard.cloud.deploy(JOB, f"{JOB}@{built.digest}")
    assert yard.cloud.execute(JOB, wait=True).status == "SUCCEEDED"


def test_a_volume_that_hides_the_image_s_code_is_foreign(yard: Yard) -> None:
    recipe = 'FROM x\nCOPY main.py /data/main.py\nCMD ["python", "-c", "import main"]\n'
    recipe = recipe.replace("CMD", "WORKDIR /data\nCMD")
    yard.deployed("print('the image')", recipe)
    data = yard.cloud.root / "jobs" / JOB / "data"
    data.mkdir(parents=True, exist_ok=True)
    (data / "main.py").write_text("print('the volume')")
    done = yard.cloud.execute(JOB, wait=True)
    if yard.said(done.id) == ["the volume"]:
        assert done.modules is not None
        assert done.modules.foreign


def test_a_job_is_only_deployed_with_an_image_that_is_there(yard: Yard) -> None:
    with pytest.raises(UsageError, match="not in the store"):
        yard.cloud.deploy(JOB, "nothing:here")
    assert yard.cloud.jobs() == []


def test_deploying_the_same_again_changes_nothing(yard: Yard) -> None:
    yard.build(yard.source(main_py=""))
    first = yard.cloud.deploy(JOB, f"{JOB}:latest", {"A": "1"})
    assert yard.cloud.deploy(JOB, f"{JOB}:latest", {"A": "1"}) == first
    assert yard.cloud.deploy(JOB, f"{JOB}:latest") == first
    changed = yard.cloud.deploy(JOB, f"{JOB}:latest", {"A": "2"})
    assert (changed.history, changed.spec.env) == ((first.spec,), {"A": "2"})
    assert yard.cloud.job(JOB) == changed
