"""The screen of `landed errors`: narrow, complete, and honest about what was not read."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from landed.core.model import Absent, Unseen
from landed.logs.families import Family, Identity, Sighting
from landed.render.errors import Target, document, screen

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
LONG = "LookupError: no lesson for " + "the school of everything " * 5 + "token=hunter2hunter2"


def identity(number: int, title: str = LONG, *, mixed: bool = False) -> Identity:
    sighting = Sighting(
        digest=f"sha256:{'a' * 64}",
        old=False,
        count=3,
        executions=("e1",),
        first_at=MOMENT,
        last_at=MOMENT,
    )
    return Identity(
        identity=f"{number:012x}", title=title, named=None, mixed=mixed, sightings=(sighting,)
    )


def family(*identities: Identity, exception: str = "LookupError", template: str = "") -> Family:
    name = identities[0].identity[::-1]
    return Family(family=name, exception=exception, template=template, identities=identities)


def target(*families: Family, **more: object) -> Target:
    told = {
        "deployable": "worker",
        "environment": "prod",
        "deployment": Absent(reason="none"),
        "read": 4,
        "unread": {},
        "unseen": None,
        "families": families,
        **more,
    }
    return Target(**told)  # type: ignore[arg-type]


def shown(seen: Target, width: int = 100) -> str:
    return screen(seen, width=width, paint=lambda text, _: text)


@pytest.mark.parametrize("width", [30, 40, 80, 200])
def test_nothing_is_wider_than_the_screen_but_what_is_copied(width: int) -> None:
    lines = shown(target(family(identity(1), identity(2))), width).splitlines()
    wide = [line for line in lines if len(line) > width]
    assert all(line.lstrip().startswith(("Landed-Fixes: ", "name = ", "To name")) for line in wide)


def test_what_is_copied_into_the_settings_is_toml() -> None:
    said = shown(target(family(identity(1, 'it said "no" \\ to\x1b[31m é'))))
    table = said[said.index("  [[errors]]") :]
    assert tomllib.loads(table)["errors"][0]["identity"] == f"{1:012x}"
    assert "\x1b" not in said


def test_no_secret_is_shown() -> None:
    seen = target(family(identity(1)))
    assert "hunter2" not in shown(seen)
    assert "hunter2" not in str(document([seen]))


def test_a_mixed_stack_has_nothing_to_copy() -> None:
    said = shown(target(family(identity(1, mixed=True))))
    assert "Landed-Fixes" not in said
    assert "[[errors]]" not in said


def test_families_of_one_form_stand_together_and_only_some_are_shown() -> None:
    alike = [family(identity(n), exception="", template="no lesson for <*>") for n in range(9)]
    said = shown(target(*alike))
    assert said.startswith("worker in prod: 9 errors in ")
    assert "9 families of one form: no lesson for <*>" in said
    assert "and 4 identities more" in said


def test_what_was_not_read_is_said_and_is_not_complete() -> None:
    unread = target(unread={"e7": Unseen(reason="no permission")})
    assert "e7 was not read: no permission" in shown(unread)
    assert not unread.complete
    nothing = target(unseen=Unseen(reason="the project does not answer", hint="log in"))
    assert shown(nothing).startswith("? worker in prod: the project does not answer")
    assert not nothing.complete
    unsure = target(deployment=Unseen(reason="no permission"))
    assert "what is deployed was not seen" in shown(unsure)
    assert not unsure.complete
    assert target().complete
    assert "no error in 4 executions" in shown(target())


def test_of_two_that_read_the_same_the_place_is_shown() -> None:
    common = ("app/job.py:run",)
    one, other, alone = (
        Family(
            family=f"{n:012x}", exception="LookupError", template="", frames=(*common, frame),
            identities=(identity(n, title),),
        )
        for n, title, frame in (
            (1, "no lesson", "app/a.py:load"), (2, "no lesson", "app/b.py:load"),
            (3, "another", "app/c.py:load"),
        )
    )  # fmt: skip
    said = shown(target(one, other, alone)).splitlines()
    assert [line for line in said if line.startswith("  in ")] == [
        "  in app/a.py:load", "  in app/b.py:load"
    ]  # fmt: skip


def test_where_one_goes_a_part_of_the_others_way_its_last_place_is_shown() -> None:
    short, long = (
        Family(
            family=f"{n:012x}", exception="", template="", frames=frames,
            identities=(identity(n, "no lesson"),),
        )
        for n, frames in ((1, ("a:f",)), (2, ("a:f", "b:g")))
    )  # fmt: skip
    said = shown(target(short, long)).splitlines()
    assert [line for line in said if line.startswith("  in ")] == ["  in a:f", "  in b:g"]


def test_what_ran_before_the_deployment_is_said_of_the_run() -> None:
    seen = family(identity(1))
    old = replace(seen.identities[0].sightings[0], old=True)
    told = shown(target(replace(seen, identities=(replace(seen.identities[0], sightings=(old,)),))))
    assert "(ran before the present deployment): 3 × in 1 execution" in told
