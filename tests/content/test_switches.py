"""Lines that ask a variable whether to take a path, in several languages, and lines that do not."""

from __future__ import annotations

import pytest

from landed.content.switches import switches

ON, ALL_BUT_EMPTY = ("1", "on", "true"), ("0", "1", "false", "off", "on", "true")
ASKS: dict[str, tuple[str, tuple[str, ...], bool | None]] = {
    'if os.environ.get("NEW") == "1":': ("NEW", ("1",), False),
    'if os.getenv("NEW", "0") == "1":': ("NEW", ("1",), False),
    'if os.getenv("NEW", "1") == "1":': ("NEW", ("1",), True),
    'if os.environ.get("NEW", "").lower() in ("1", "true", "on"):': ("NEW", ON, False),
    'if os.environ.get("NEW", "auto") == "1":': ("NEW", ("1",), None),
    'if os.environ["NEW"] == "true":': ("NEW", ("true",), None),
    'if os.environ.get("NEW"):': ("NEW", ALL_BUT_EMPTY, False),
    'if not os.environ.get("NEW"):': ("NEW", ALL_BUT_EMPTY, False),
    'if os.environ.get("NEW") != "off":': ("NEW", ("", "0", "1", "false", "on", "true"), True),
    'if os.environ.get("NEW") != "1":': ("NEW", ("1",), False),
    'if os.environ.get("MAPPERS") == "v2":': ("MAPPERS", (), False),
    'NEW = strtobool(os.environ.get("NEW", "false"))': ("NEW", ON, False),
    'NEW = bool(int(os.environ.get("NEW", "0")))': ("NEW", ON, False),
    'return os.environ.get("NEW", "false").lower() == "true"': ("NEW", ("true",), False),
    'if (process.env.NEW === "true") {': ("NEW", ("true",), False),
    "if (process.env['NEW']) {": ("NEW", ALL_BUT_EMPTY, False),
    "if ((process.env.NEW ?? 'off') !== 'off') {": (
        "NEW", ("", "0", "1", "false", "on", "true"), False,
    ),
    "const fresh = process.env.NEW === '1' ? a() : b()": ("NEW", ("1",), False),
    'if os.Getenv("NEW") == "1" {': ("NEW", ("1",), False),
    'if ("true".equals(System.getenv("NEW"))) {': ("NEW", ("true",), False),
    'boolean fresh = Boolean.parseBoolean(System.getenv("NEW"));': ("NEW", ON, None),
    'if ENV["NEW"] == "1"': ("NEW", ("1",), None),
    'if ENV.fetch("NEW", "0") == "1"': ("NEW", ("1",), False),
    'if os.environ.get("DISABLE_NEW") == "1":': (
        "DISABLE_NEW", ("", "0", "false", "off", "on", "true"), True,
    ),
    'if os.environ.get("USE_OLD_MAPPERS"):': ("USE_OLD_MAPPERS", ("",), True),
}  # fmt: skip


@pytest.mark.parametrize("line", ASKS)
def test_a_line_that_asks(line: str) -> None:
    (found,) = switches("app/job.py", [line])
    assert (found.name, found.taken, found.unset) == ASKS[line]


def test_a_value_that_is_asked_about_further_down() -> None:
    lines = ['FRESH = os.environ.get("NEW", "0")', "", 'if FRESH == "1":', "    fresh()"]
    (found,) = switches("app/job.py", lines)
    assert (found.name, found.taken, found.unset) == ("NEW", ("1",), False)
    assert list(switches("app/job.py", lines[:1])) == []


@pytest.mark.parametrize(
    "line",
    [
        'dsn = os.environ.get("DATABASE_URL")',
        'engine = create_engine(os.environ["DATABASE_URL"])',
        "const port = process.env.PORT || 8080",
        'timeout = int(os.environ.get("TIMEOUT", "30"))',
        'os.environ["NEW"] = "1"',
        '# set NEW="1" to turn it on',
        "if enabled:",
        'if os.environ.get("NEW") == ' + "(" * 1000,
    ],
)
def test_a_line_that_asks_for_no_way(line: str) -> None:
    assert list(switches("app/job.py", [line])) == []


def test_what_could_be_typed_to_turn_it_on() -> None:
    wants = {
        'if os.environ.get("NEW") == "1":': "1",
        'if os.environ.get("MAPPERS") == "v2":': "v2",
        'if os.environ.get("NEW") != "off":': "1",
        'if os.environ.get("MODE") == "a b; rm":': "",
        'if os.environ.get("DISABLE_NEW") == "1":': "0",
    }
    for line, word in wants.items():
        (found,) = switches("app/job.py", [line])
        assert found.wants == word, line


def test_a_secret_that_is_compared_with_is_not_said() -> None:
    (found,) = switches("app.py", ['if os.environ.get("ADMIN_TOKEN") == "hunter2":'])
    assert (found.name, found.wants) == ("ADMIN_TOKEN", "")
