from __future__ import annotations

import pytest

from soundness.oracle.checker import against, inconsistent, judged
from soundness.oracle.scripts import play
from soundness.oracle.truth_table import TABLE, Row


def test_the_table_is_long_enough_and_not_all_alarms() -> None:
    assert len(TABLE) >= 30
    assert sum(row.verdict != "broken" for row in TABLE) >= 10


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_judge_says_what_the_design_says(row: Row) -> None:
    verdict = judged(play(row.script), row.through)
    assert against(row, verdict) == []
    assert inconsistent(verdict) == []
