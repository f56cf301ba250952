"""`landed verify-ledger`: the hash chain, entry by entry."""

from __future__ import annotations

import os

import click

from landed.cli.common import Speech, common, paint
from landed.config import STATE_FOLDER, Config
from landed.core.words import count
from landed.ledger.where import database_url


def _remembered(config: Config, speech: Speech) -> dict[int, str]:
    """What the shipments' own database knows of the entries that they wrote, where it is another
    one than the ledger's.
    """
    if database_url() or not (config.state(f"{STATE_FOLDER}/ship") / "ships.db").exists():
        return {}
    from landed import ship_wiring  # noqa: PLC0415 - only who has shipped loads that
    from landed.ship.desk import Desk  # noqa: PLC0415

    base = ship_wiring.base(config)
    if not os.access(base.folder, os.W_OK):
        speech.aside(
            "landed: the shipments' own record of their entries was not asked, as nothing can be "
            "written here"
        )
        return {}
    with Desk(base) as desk:
        return desk.recorded()


@click.command("verify-ledger")
@click.option(
    "--holds",
    metavar="HASH",
    multiple=True,
    help="A newest hash of before, kept elsewhere: this entry has to be there still.",
)
@common
def command(holds: tuple[str, ...], speech: Speech) -> int:
    """Proves that no entry was changed, dropped or put in between, and that none is missed."""
    from landed.ledger.store import opened  # noqa: PLC0415 - its database library is slow to load

    config = speech.config()
    with opened(config) as ledger:
        check = ledger.verify(_remembered(config, speech), [one.lower() for one in holds])
    if speech.json:
        speech.document(
            {
                "schema": "landed/verify-ledger/v1",
                "verdict": "broken" if check.fault else "proved",
                "entries": check.entries,
                "head": check.head,
                "fault": check.fault,
                "at_entry": check.at_entry,
            }
        )
    elif check.fault:
        where = f"broken at entry {check.at_entry}: it" if check.at_entry else "broken: it"
        speech.say(f"{paint('✗', 'red')} {where} {check.fault}")
        speech.say(f"  the {check.entries} entries before it are whole; a backup has the rest")
    elif check.entries:
        speech.say(f"{paint('✓', 'green')} whole: {count(check.entries, 'entry', 'entries')}")
        speech.say(f"  newest {check.head}")
        speech.say("  keep that hash elsewhere, for: landed verify-ledger --holds HASH")
        if ledger.recovered:
            again = count(ledger.recovered, "entry", "entries")
            speech.say(
                f"  {again} had gone from its end, and came back from what is kept beside it"
            )
    else:
        speech.say(f"nothing yet in {ledger.name}")
    return 1 if check.fault else 0
