"""The screen on a narrow terminal: an id that is cut cannot be looked for."""

from __future__ import annotations

import pytest

from landed.render.text import wrap

IDS = ("sha256:0123456789ab", "revision front-00042-abc-with-a-long-name", "3f2a91c06a")
LONG = "projects/shop-1234/locations/europe-west1/jobs/worker/executions/worker-aaaaa"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100])
@pytest.mark.parametrize("lead", [0, 2, 15, 33])
def test_no_word_is_ever_cut(width: int, lead: int) -> None:
    text = f"what runs is {', '.join(IDS)} and {LONG}, by its own record"
    said = wrap(text, width, first="x" * lead, lead_width=lead)
    assert said.replace("x" * lead, "", 1).split() == text.split()


def test_what_fits_stays_within_the_width() -> None:
    text = f"what runs is {', '.join(IDS)}, by its own record"
    lines = wrap(text, 60, first=" " * 33, lead_width=33).splitlines()
    assert max(map(len, lines)) <= 60
