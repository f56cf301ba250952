"""How good identify is: `./dev bench identify [--trials N] [--generated COMMITS] [REPO …]`.

For each repository: the index against the pack, a search without it against `git log
--find-object` for one file, a query with it against that search, an update by 1,000 commits, and
trials with spoilt images. Ratios of one run; the repositories are only read.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from generated import generate
from trials import KINDS, commits, spoilt, tree

from landed.content.identify import history as histories
from landed.content.identify.identify import Candidates, exhaustive, searched
from landed.content.identify.result import How
from landed.content.identify.sought import Sought, sought
from landed.content.repo import Repository

IMAGES = 7


def timed(work: Callable[[], object]) -> float:
    """Seconds that something takes, once."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def say(what: str, value: str, demand: str = "") -> None:
    """One line of the table."""
    print(f"  {what:<46} {value:<30} {demand}", flush=True)


def silent(_words: str) -> None:
    """Nobody listens."""


def pack_size(path: Path) -> int:
    """Bytes of the packs, those of alternates included."""
    place = path if (path / "objects").is_dir() else path / ".git"
    folders = [place / "objects"]
    alternates = place / "objects" / "info" / "alternates"
    if alternates.is_file():
        folders += [Path(line) for line in alternates.read_text().splitlines()]
    return sum(p.stat().st_size for folder in folders for p in folder.glob("pack/*.pack"))


def find_object(path: Path, blob: str) -> float:
    """What git takes to say who has one blob, on all branches."""
    command = ["git", "log", "--all", f"--find-object={blob}", "--format=%H"]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=path, capture_output=True, check=False)
    if done.returncode:  # a snapshot without its largest files: renames cannot be looked for
        begun = time.perf_counter()
        subprocess.run([*command, "--no-renames"], cwd=path, capture_output=True, check=True)
    return time.perf_counter() - begun


def measure(path: Path, cache: Path, trials: int) -> None:
    """One repository."""
    every = commits(path)
    line = _lines(path, "rev-list", "--first-parent", "HEAD")
    pack = pack_size(path)
    print(f"{path.name}: {len(every)} commits, pack {pack >> 20} MiB")
    chance = random.Random(1)
    at = [line[int(len(line) * share)] for share in (0.3, 0.3, 0.1, 0.2, 0.4, 0.5, 0.6)][:IMAGES]
    images = [spoilt(path, commit, [commit], "offset", chance) for commit in at]
    wanted = [sought(image.files) for image in images if image]
    with Repository.open(path) as repository:
        cold = statistics.median(timed(partial(searched, repository, w)) for w in wanted)
        blob = next(iter(tree(path, at[0]).values())).blob
        git = min(find_object(path, blob) for _ in range(2))
        say("git log --all --find-object", f"{git:.2f} s")
        say("without an index", f"{cold:.3f} s, {git / cold:.1f} × as fast", "≥ 20 ×")
        made = timed(lambda: histories.history(repository, cache, silent))
        size = histories.place(repository, cache).stat().st_size
        say("index", f"{made:.1f} s, {size / pack:.1%} of the pack", "≤ 8 %")
        warm = statistics.median(
            timed(partial(exhaustive, repository, w, cache, silent)) for w in wanted
        )
        say("with an index", f"{warm:.3f} s, {cold / warm:.1f} × as fast", "≥ 5 ×")
    update(path, line)
    for mode in ("warm", "cold"):
        tried(path, cache, every, trials, mode)


def update(path: Path, line: list[str]) -> None:
    """An index that lacks the newest 1,000 commits of the main line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repo = folder / "r.git"
        _lines(folder, "init", "-q", "--bare", "-b", "main", str(repo))
        objects = path / "objects" if (path / "objects").is_dir() else path / ".git" / "objects"
        lent = [str(objects.resolve())]
        further = objects / "info" / "alternates"
        lent += further.read_text().split() if further.is_file() else []
        (repo / "objects" / "info" / "alternates").write_text("\n".join(lent) + "\n")
        old = _lines(path, "rev-list", "--max-count=1", "--skip=1000", line[0])[0]
        for commit in (old, line[0]):
            _lines(repo, "update-ref", "refs/heads/main", commit)
            with Repository.open(repo) as repository:
                took = timed(lambda: histories.history(repository, folder / "cache", silent))
        say("index brought up to date by 1,000 commits", f"{took:.2f} s", "well under a second")


def tried(path: Path, cache: Path, every: list[str], trials: int, mode: str) -> None:
    """Spoilt images: is the truth among the commits that fit, and is no proof false?"""
    count: Counter[str] = Counter()
    times: list[float] = []
    with Repository.open(path) as repository:
        for seed in range(trials):
            chance = random.Random(seed)
            commit = chance.choice(every)
            near = _lines(path, "rev-list", "--max-count=400", commit)
            image = spoilt(path, commit, near, KINDS[seed % len(KINDS)], chance)
            if image is None:
                continue
            wanted = sought(image.files)
            begun = time.perf_counter()
            if mode == "warm":
                found = exhaustive(repository, wanted, cache, silent)
            else:
                found = searched(repository, wanted)
            times.append(time.perf_counter() - begun)
            count.update(judged(found, commit, wanted, path))
    asked = count["asked"]
    fair = max(asked - count["another"], 1)
    share = f"{count['truth']}/{fair} ({count['truth'] / fair:.1%})"
    say(f"{mode}: truth among those that fit", share, "≥ 99.5 %" if mode == "warm" else "≥ 98 %")
    say(f"{mode}: proved, falsely proved", f"{count['proved']}, {count['false']}", "none false")
    if count["another"]:
        say(f"{mode}: mixed so that another commit fits better", str(count["another"]))
    times.sort()
    if times:
        say(
            f"{mode}: median, slowest tenth",
            f"{times[len(times) // 2]:.2f} s, {times[len(times) * 9 // 10]:.2f} s",
        )


def judged(found: Candidates | None, commit: str, wanted: Sought, path: Path) -> list[str]:
    """What one trial counts for. A mix that has more files of another commit than of the one that
    it was made from is that other commit's: its truth was spoilt, not the answer.
    """
    if found is None:
        return ["asked"]
    words = ["asked"]
    proved = found.how is How.CERTIFICATE
    words += ["proved"] if proved else []
    if commit in found.ids:
        return [*words, "truth"]
    there = {(p.encode(), file.blob) for p, file in tree(path, commit).items()}
    own = sum(
        any((placement.in_tree(p) or b"", b.hex()) in there for placement in found.placements)
        for p, b in zip(wanted.paths, wanted.blobs, strict=True)
    )
    if own < found.score:
        return [*words, "another"]
    return [*words, "false"] if proved else words


def _lines(path: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=path, capture_output=True, text=True, check=True)
    return done.stdout.split()


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=45)
    parser.add_argument("--generated", type=int, default=0, metavar="COMMITS")
    parser.add_argument("repositories", nargs="*", type=Path)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="landed-bench-"))
    try:
        paths = list(asked.repositories)
        if asked.generated or not paths:
            paths.append(folder / "generated")
            generate(paths[-1], asked.generated or 20_000)
        for path in paths:
            measure(path, folder / "cache", asked.trials)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
