from __future__ import annotations

from pathlib import Path

import pytest

from landed.config import find, load, parse
from landed.core.errors import UsageError
from landed.ledger.where import database_url

GOOD = """
[source]
remote = "origin"
ref = "refs/heads/main"

[deployables.worker]
folder = "backend"
expect = ["work done"]

[environments.dev]
jobs = { worker = "job" }

[[errors]]
name = "school"
contains = "School"
"""


def test_a_whole_file_is_read() -> None:
    settings = parse(GOOD, "landed.toml")
    assert settings.deployables["worker"].folder == "backend"
    assert settings.environments["dev"].jobs == {"worker": "job"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 1\nb = = 2\n", "2:5"),
        ("[source\n", "1:8"),
        ('[source]\nremote = "x"\nremot = "y"\n', "3:1"),
        ("[deployables.w]\nfolder = 3\n", "2:1"),
        ('[deployables.w]\nfolder = "../up"\n', "2:11"),
        ('[deployables.w]\nexpect = ["("]\n', "2:12"),
        ('[environments.dev]\njobs = { ghost = "j" }\n', "2:10"),
        ('[environments.dev]\nprovider = "mars"\n', "2:1"),
        ('[[errors]]\nname = "lonely"\n', "2:9"),
        ('[ledger]\npath = "/etc/ledger.db"\n', "2:9"),
        ('[ledger]\npath = "own.tail"\n', "2:9"),
        ("[ship]\ncheckpoint_hours = 1e-12\n", "2:1"),
        ('[environments.dev]\ncloud = "../elsewhere"\n', "2:10"),
        ('[environments.dev]\nruntime = "venv-of-a-stranger"\n', "2:12"),
        ('name = "cut', "1:12"),
    ],
)
def test_a_broken_file_is_shown_with_line_and_column(text: str, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "landed.toml")
    assert caught.value.message.startswith(f"landed.toml:{place}: "), caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("[deployables.w]\nexpects = []", "no key `expects` in [deployables.…]", "`expect`?"),
        ("[environment.dev]", "no key `environment` in landed.toml", "`environments`?"),
        ('[environments]\nprovider = "gcp"', "[environments] lacks a name", "[environments.NAME]"),
        ('[environments.dev]\nprovider = "lcal"', "cannot be `lcal`", "`local`?"),
        ('[environments.dev]\nprovider = "mars"', "cannot be `mars`", "it takes: gcp, local"),
        ('[environments.dev]\njobs = ["j"]', "`jobs` in [environments.…] has to be a table", "{"),
        ('[deployables.w]\nexpect = "done"', "`expect` in [deployables.…] has to be a list", '["'),
        ("[deployables.w]\nexpect = [1]", "what stands in `expect`", "a"),
        ('[[errors]]\ncontains = "x"', "[[errors]] lacks `name`", "name ="),
        ('[errors]\nname = "x"', "[errors] is one of several", "[[errors]]"),
        ("[ship]\nwatch_hours = -1", "`watch_hours` in [ship]: has to be >= ", "landed-toml.md"),
        ('[ship]\nroll_back = "no"', "`roll_back` in [ship] has to be true or false", "true"),
    ],
)
def test_a_wrong_key_or_value_is_said_in_the_words_of_the_file(
    text: str, said: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "landed.toml")
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_the_file_is_found_upwards(tmp_path: Path) -> None:
    (tmp_path / "landed.toml").write_text(GOOD)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find(below) == tmp_path / "landed.toml"
    config = load(None, below)
    assert config.path(".landed/cloud") == tmp_path.resolve() / ".landed" / "cloud"


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    config = load(None, tmp_path)
    assert config.settings.deployables == {}


def test_a_named_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load(tmp_path / "nothing.toml", tmp_path)


def test_bytes_that_are_no_text_are_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "landed.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError):
        load(None, tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:S3cret@h/x",
        "S3cret",
        "postgresql://u@h:S3cret/x",
        "postgresql://u:pass word@[::S3cret/x",
        "postgresql://u:S3cret\udcff@h/x",
        "postgresql://u@h/x?port=S3cret",
    ],
)
def test_a_database_that_cannot_be_read_is_refused_without_showing_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDED_DATABASE", url)
    with pytest.raises(UsageError) as refused:
        database_url()
    assert refused.value.message == "LANDED_DATABASE is no URL of PostgreSQL"
    assert "S3cret" not in refused.value.hint


def test_a_projects_name_is_plain() -> None:
    assert parse('[source]\nproject = "shop/worker"\n', "t").source.project == "shop/worker"
    for wrong in ("", "a b", "x" * 201, "a\\u0000"):
        with pytest.raises(UsageError):
            parse(f'[source]\nproject = "{wrong}"\n', "t")
