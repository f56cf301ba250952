"""`landed gate`: inside a builder, this folder is that commit, or the build ends here."""

from __future__ import annotations

from pathlib import Path

import click

from landed.cli.common import EXIT_CODES, Speech, common, paint, width


@click.command("gate")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--commit", metavar="ID", help="The commit that this is said to be: a full id.")
@click.option(
    "--proof",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What proves the commit's files, where the folder has neither .git nor .landed-proof.",
)
@click.option("--part", metavar="PATH", default="", help="The part of the repository that this is.")
@click.option("--dockerfile", metavar="PATH", default="Dockerfile", help="What tells what is read.")
@click.option(
    "--write-proof",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Compare nothing; write what a builder without .git needs.",
)
@common
def command(
    folder: Path,
    commit: str | None,
    proof: Path | None,
    part: str,
    dockerfile: str,
    target: Path | None,
    speech: Speech,
) -> int:
    """Inside a builder: FOLDER is that commit, file by file, or fail the build.

    Needs no network and no landed.toml. Without --commit: the commit that .git or the proof names.
    """
    from landed.content.gate.gate import gate, write_proof  # noqa: PLC0415 - `--help` is quick
    from landed.render import gated  # noqa: PLC0415

    if target is not None:
        written = write_proof(folder, commit, target)
        if speech.json:
            speech.document(gated.written(written, target))
        else:
            speech.say(f"wrote {target}: it proves the files of {written}")
        return 0
    found = gate(folder, commit, proof=proof, within=part, dockerfile=dockerfile)
    if speech.json:
        speech.document(gated.document(found))
    else:
        speech.say(gated.screen(found, width=width(), paint=paint))
    return EXIT_CODES[found.outcome]
