"""What a configuration recorded of its layers: hostile, incomplete, or true."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from landed.content.image.history import Recorded, history

COPY = {"created": "2025-11-04T01:05:00.123456789Z", "created_by": "COPY app  /app # buildkit"}
EMPTY = {"created": "2025-11-04T01:06:00Z", "created_by": "CMD", "empty_layer": True}
MADE = Recorded(by="COPY app /app # buildkit", at=datetime(2025, 11, 4, 1, 5, 0, 123456, UTC))


def test_what_makes_no_layer_does_not_count() -> None:
    assert history({"history": [EMPTY, COPY, EMPTY]}, 1) == (MADE,)


@pytest.mark.parametrize(
    "said", [None, [], {}, "COPY", [COPY], [COPY, COPY, COPY], [COPY, EMPTY], [COPY, 1, [COPY]]]
)
def test_a_record_of_other_layers_says_nothing(said: Any) -> None:
    assert history({"history": said}, 2) == (Recorded(), Recorded())


@pytest.mark.parametrize(
    "created", ["1970-01-01T00:00:00Z", "1980-01-01T00:00:00Z", "2025-11-04", "", None, 7, "x" * 99]
)
def test_what_is_no_date(created: Any) -> None:
    assert history({"history": [{"created": created}]}, 1) == (Recorded(),)


def test_long_words_are_cut() -> None:
    (one,) = history({"history": [{"created_by": "RUN " + "x" * 9_999}]}, 1)
    assert len(one.by) == 200


@pytest.mark.parametrize(
    ("said", "run"),
    [
        ("RUN /bin/sh -c npm ci # buildkit", True),
        ("RUN |1 A=b /bin/sh -c npm ci # buildkit", True),
        ("/bin/sh -c npm ci", True),
        ("|1 A=b /bin/sh -c npm ci", True),
        ("COPY . . # buildkit", False),
        ("/bin/sh -c #(nop) COPY dir:00 in /app", False),
        ("|1 A=b /bin/sh -c #(nop) COPY dir:00 in /app", False),
        ("WORKDIR /app", False),
        ("", False),
    ],
)
def test_what_a_run_made(said: str, run: bool) -> None:  # noqa: FBT001 - of a table
    assert Recorded(by=said).run is run
