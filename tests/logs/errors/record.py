"""Records real errors of the four workers beside this file: `python tests/logs/errors/record.py`.

For each scenario three runs: one, the same bug once more, and the next bug that was hidden behind
it. The runs have other ids, times, ports and temporary folders, and their sources other line
numbers. Needs Python, Node, a JDK and Go; the tests need only what is recorded.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"
RUNS = {"one": ("School", 1), "same": ("School", 2), "next": ("FeatureFlag", 1)}
Command = list[str]


def moved(file: str, folder: Path, seed: int, comment: str) -> Path:
    """The program in a folder of its own, its lines moved down."""
    text = (HERE / f"{file}.in").read_text()
    first, rest = ("", text) if not text.startswith("//") else text.split("\n", 1)
    place = folder / "app" / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"{comment}\n" * random.Random(seed).randrange(3, 40) + first + "\n" + rest)
    return place


def python(folder: Path, seed: int) -> Command:
    """How to start Python's worker."""
    text = moved("worker.py", folder, seed, "#")
    return [sys.executable, str(text)]


def node(folder: Path, seed: int) -> Command:
    """How to start Node's worker."""
    return ["node", str(moved("worker.js", folder, seed, "//"))]


def go(folder: Path, seed: int) -> Command:
    """Builds Go's worker."""
    source = moved("worker.go", folder, seed, "//")
    subprocess.run(["go", "build", "-o", "worker", source.name], cwd=source.parent, check=True)
    return [str(source.parent / "worker")]


def java(folder: Path, seed: int) -> Command:
    """Builds Java's worker."""
    source = moved("Worker.java", folder, seed, "//")
    subprocess.run(["javac", "-g", source.name], cwd=source.parent, check=True)
    return ["java", "-Xshare:auto", "-cp", str(source.parent), "Worker"]


LANGUAGES: dict[str, Callable[[Path, int], Command]] = {
    "python": python,
    "node": node,
    "go": go,
    "java": java,
}


def said(command: Command, folder: Path) -> str:
    """What a failing run prints on stderr, without the places of this machine."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=folder / "app"
    )
    for ours, theirs in ((sys.base_prefix, "/usr/local"), (str(Path.home()), "/home/worker")):
        done.stderr = done.stderr.replace(ours, theirs)
    return done.stderr.rstrip("\n")


def record(language: str) -> None:
    """Writes one language's file: a JSON object a line."""
    folders = {seed: Path(tempfile.mkdtemp(prefix="worker")) for seed in (1, 2)}
    try:
        commands = {seed: LANGUAGES[language](place, seed) for seed, place in folders.items()}
        listed = subprocess.run(commands[1], capture_output=True, text=True, check=True)
        with (RECORDED / f"{language}.jsonl").open("w") as file:
            for scenario in sorted(listed.stdout.split()):
                texts = {
                    run: said([*commands[seed], scenario, name, str(seed)], folders[seed])
                    for run, (name, seed) in RUNS.items()
                }
                file.write(json.dumps({"scenario": scenario, **texts}) + "\n")
    finally:
        for place in folders.values():
            shutil.rmtree(place)


if __name__ == "__main__":
    RECORDED.mkdir(exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(record, sys.argv[1:] or LANGUAGES))
