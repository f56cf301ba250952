from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from scenarios.shop import FLAG, JOB, SCHOOL, Answer, Shop, bad, good
from schemas import SCHEMAS, validate

ROOT = Path(__file__).parents[1]


def test_every_schema_is_a_valid_schema() -> None:
    for file in SCHEMAS.glob("*.json"):
        jsonschema.Draft202012Validator.check_schema(json.loads(file.read_text()))


def test_the_settings_schema_is_that_of_the_types() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make.py"), "--check"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "text", ["[source]\nremot = 1\n", "[environments.x]\nprovider = 'mars'\n", "nonsense = 1\n"]
)
def test_the_settings_schema_refuses_what_landed_refuses(text: str) -> None:
    import tomllib

    schema = json.loads((SCHEMAS / "landed-toml.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(tomllib.loads(text))


def test_what_the_commands_print_is_what_the_schemas_say(shop: Shop) -> None:
    seen: set[str] = set()

    def keep(answer: Answer) -> Answer:
        seen.add(validate(answer.data))
        return answer

    shop.change(bad(SCHOOL), "break it")
    shop.push()
    digest = keep(shop.build()).data["digest"]
    keep(shop.deploy(f"{JOB}@{digest}"))
    keep(shop.execute())
    keep(shop.trace())
    shop.change(bad(FLAG), "mend the first", fixes=SCHOOL)
    keep(shop.landed("check"))
    shop.write("stray.py", "")
    keep(shop.build("--source", "upload"))
    keep(shop.build("--source", "remote", "--ref", "nothing"))
    keep(shop.trace())
    keep(shop.landed("where", "HEAD"))
    keep(shop.landed("identify", "app", "--contains", "HEAD"))
    keep(shop.landed("identify", ".landed/cloud/builds"))
    keep(shop.landed("errors"))
    keep(shop.landed("ship", "--dry-run"))
    keep(shop.landed("ship"))
    keep(shop.landed("watch", "--start", "--commit", "HEAD~1"))
    keep(shop.landed("report"))
    keep(shop.landed("log"))
    keep(shop.landed("verify-ledger"))
    keep(shop.landed("explain"))
    keep(shop.landed("explain", "next-bug"))
    keep(shop.landed("init"))
    keep(shop.landed("init", "--cloudbuild", "--landed", f"tools/landed@sha256:{'0' * 64}"))
    keep(shop.landed("gate"))
    keep(shop.landed("gate", "--commit", ""))
    keep(shop.landed("gate", "--write-proof", ".landed-proof"))
    keep(shop.landed("cloud", "logs", JOB))
    shop.write("landed.toml", (shop.work / "landed.toml").read_text() + _TWO)
    keep(shop.trace())
    shop.change(good(), "and mend all")
    known = {file.stem for file in SCHEMAS.glob("*.json")}
    elsewhere = {
        "cloud-service-v1",
        "cloud-request-v1",
        "cloud-stop-v1",
        "cloud-serve-v1",
        "cloud-env-v1",
        "worker-v1",
        "run-v1",
    }
    assert known - seen == {"landed-toml", "demo-v1", "error-v1", *elsewhere}


_TWO = """
[environments.stage]
jobs = { worker = "worker-on-stage" }
"""


def test_an_error_is_what_its_schema_says(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "landed", "check", "--json"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert validate(json.loads(done.stdout)) == "error-v1"
