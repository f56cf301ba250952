from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from landed.core.errors import UsageError
from landed.render.report import code, report, text
from landed.render.section import BEGIN, END, renewed
from scenarios.shop import FLAG, SCHOOL, Shop, bad, good


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a shipment that stopped, went on, and was proved."""
    patch = pytest.MonkeyPatch()
    home = tmp_path_factory.mktemp("home")
    patch.setenv("HOME", str(home))
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.lose()
    shop.change(good(), "Mend | the <b>worker</b> `now`", fixes=SCHOOL)
    stopped = shop.landed("ship")
    assert stopped.code == 1
    shop.push()
    assert shop.landed("ship", "--resume", stopped.data["id"]).code == 0
    shop.write("NOTES.md", f"# Notes\n\n{BEGIN}\n{END}\n\nKept.\n")
    patch.undo()
    return shop


def markdown(shop: Shop, *how: str) -> str:
    return str(shop.landed("report", *how).data["markdown"])


def test_it_tells_the_whole_story_and_the_same_one_each_time(shipped: Shop) -> None:
    told = markdown(shipped)
    assert told == markdown(shipped)
    assert told.startswith("## ✓ worker in dev: proved\n")
    assert "commit --> push --> build --> deploy --> validation" in told
    steps = re.findall(r"^\| [0-9: -]+ \| [0-9.]+ s \| (\S+) \| (.)", told, re.MULTILINE)
    assert steps[0] == ("check", "✗")
    assert [step for step, _ in steps[1:]] == [
        "check", "build", "prove", "smoke", "deploy", "execute", "logs", "watch",
    ]  # fmt: skip
    assert "- [x] **healed** holds" in told
    assert "`git ls-remote origin refs/heads/main`" in told
    assert "### Watch" in told


def test_foreign_words_are_no_markdown(shipped: Shop) -> None:
    told = markdown(shipped)
    assert r"Mend \| the \<b\>worker\</b\> \`now\`" in told
    assert "<b>" not in told


def test_words_cannot_leave_their_cell() -> None:
    assert text("a|b\n\n# c") == r"a\|b \# c"
    assert code("a`b|c") == r"``a`b\|c``"
    assert code("`a") == "`` `a ``"


def test_a_section_of_a_document_is_renewed_and_nothing_else(shipped: Shop) -> None:
    notes = shipped.work / "NOTES.md"
    notes.chmod(0o640)
    told = markdown(shipped, "--into", str(notes))
    first = notes.read_text()
    assert first == f"# Notes\n\n{BEGIN}\n{told}{END}\n\nKept.\n"
    assert stat.S_IMODE(notes.stat().st_mode) == 0o640
    before = notes.stat().st_ino
    markdown(shipped, "--into", str(notes))
    assert (notes.read_text(), notes.stat().st_ino) == (first, before)


def test_a_break_is_told_with_its_remedy(shop: Shop) -> None:
    shop.lose()
    shop.fix(bad(FLAG))
    shop.push()
    assert shop.landed("ship").code == 1
    told = markdown(shop)
    assert told.startswith("## ✗ worker in dev: broken at `logs`\n")
    assert 'validation["✗ validation"]' in told
    assert "### What to do" in told
    assert "`next-bug`" in told


def test_what_the_ledger_has_is_told_where_the_shipments_are_lost(
    shipped: Shop, tmp_path: Path
) -> None:
    shop = shipped.copy(tmp_path / "lost")
    proved = str(shop.landed("report").data["shipment"])
    shop.write("app/job.py", good("never committed"))
    shipment = str(shop.landed("ship").data["id"])
    whole = markdown(shop, shipment)
    (shop.work / ".landed" / "ship" / "ships.db").write_bytes(b"no database" * 1000)
    told = shop.landed("report", shipment)
    assert (told.code, told.data["markdown"]) == (0, whole)
    assert f"whether {shipment} is under way, nobody can tell: " in told.err
    # No attempt comes after a proved one: nobody is asked, and what asks is not loaded.
    told = shop.landed("report", proved)
    assert (told.code, told.err) == (0, "")
    assert "cannot be used" in shop.landed("report", "ship-0").err


def test_without_a_shipment_there_is_nothing_to_report(shop: Shop) -> None:
    assert shop.landed("report").err == "the ledger has no shipment yet"
    assert shop.landed("report", "ship-7").err == "the ledger has no shipment `ship-7`"


@pytest.mark.parametrize(
    "document",
    ["none", f"{BEGIN} open", f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}", f"{BEGIN}{END}{END}"],
)
def test_marks_that_are_not_there_once_change_nothing(document: str) -> None:
    with pytest.raises(UsageError):
        renewed(document, "new")


def test_the_documents_own_line_ends_are_kept() -> None:
    assert renewed(f"a\r\n{BEGIN}\r\n{END}\r\n", "x\ny\n") == f"a\r\n{BEGIN}\r\nx\r\ny\r\n{END}\r\n"


def test_secrets_do_not_reach_the_report() -> None:
    ship = {
        "id": "s", "verdict": "broken", "stopped_at": "build", "deployable": "w",
        "environment": "dev", "change": {"commit": "0" * 40, "subject": "token=abcdef123"},
        "steps": [],
    }  # fmt: skip
    assert "abcdef123" not in report([ship], None)
