"""How fast logs are read, and how well messages are grouped: `./dev bench logs FOLDER`.

FOLDER holds Loghub's `*_2k.log_structured.csv` files (github.com/logpai/loghub). They are for
measuring only and are no part of this project. Side by side, same input, same process, in seconds
of the processor: our templates and drain3 with its generic masks; our entries and `json.loads`;
known signatures and an alternation of Python's `re`.
"""

from __future__ import annotations

import csv
import gc
import json
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROUNDS = 5
LINES = 300_000
# The masks that drain3's own example has: they know no data set.
DRAIN_MASKS = (
    (r"((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)", "ID"),
    (r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    (r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
)

Groups = Sequence[Hashable]


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest of some runs, in seconds."""
    found = []
    for _ in range(rounds):
        gc.collect()
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def fresh(lines: Sequence[str]) -> list[str]:
    """Equal strings that are other objects, as a reader of a file would get them."""
    return "\x01".join(lines).split("\x01")


def loghub(folder: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Messages and the ids of their true templates, by the name of the set."""
    sets = {}
    for file in sorted(folder.rglob("*_2k.log_structured.csv")):
        with file.open(newline="", encoding="utf-8") as rows:
            read = list(csv.DictReader(rows))
        name = file.name.partition("_")[0]
        sets[name] = [row["Content"] for row in read], [row["EventId"] for row in read]
    return sets


def accuracy(truth: Groups, found: Groups) -> tuple[float, float]:
    """Grouping accuracy (over messages), and the F-measure of it (over templates)."""
    groups: list[set[frozenset[int]]] = []
    for labels in (truth, found):
        by_label = defaultdict(list)
        for number, label in enumerate(labels):
            by_label[label].append(number)
        groups.append({frozenset(members) for members in by_label.values()})
    right = groups[0] & groups[1]
    share = sum(map(len, right)) / len(truth)
    return share, 2 * len(right) / (len(groups[0]) + len(groups[1]))


def drain(lines: Sequence[str]) -> list[int]:
    """drain3 with generic masks."""
    from drain3 import TemplateMiner
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig

    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(*mask) for mask in DRAIN_MASKS]
    miner = TemplateMiner(config=config)
    return [miner.add_log_message(line)["cluster_id"] for line in lines]


def measure_accuracy(sets: dict[str, tuple[list[str], list[str]]]) -> None:
    """Accuracy for each set, with one configuration."""
    from landed.logs.templates import templates

    scores = []
    print(f"{'set':<12}  ours: GA    FGA   drain3: GA    FGA")
    for name, (messages, truth) in sets.items():
        ours, theirs = accuracy(truth, templates(messages)), accuracy(truth, drain(messages))
        scores.append((*ours, *theirs))
        print(f"{name:<12}    {ours[0]:8.3f} {ours[1]:6.3f}   {theirs[0]:10.3f} {theirs[1]:6.3f}")
    mean = [sum(column) / len(scores) for column in zip(*scores, strict=True)]
    print(f"{'mean':<12}    {mean[0]:8.3f} {mean[1]:6.3f}   {mean[2]:10.3f} {mean[3]:6.3f}")
    print(f"  grouping accuracy {mean[0]:.3f} (≥ 0.95), its F-measure {mean[1]:.3f} (≥ 0.92)")


def measure_speed(mixed: Sequence[str]) -> None:
    """Templates of all sets mixed and replicated."""
    from landed.logs.templates import templates

    copies = -(-LINES // len(mixed))
    same = fresh([*mixed] * copies)
    varied = []
    for seed in range(copies):
        digits = "".join(random.Random(seed).sample("0123456789", 10))
        varied += [message.translate(str.maketrans("0123456789", digits)) for message in mixed]
    for words, lines in (("replicated", same), ("replicated, with other digits", fresh(varied))):
        ours_seconds = best(lambda lines=lines: templates(lines))  # type: ignore[misc]
        drain_seconds = best(lambda lines=lines: drain(lines), 1)  # type: ignore[misc]
        print(f"{len(lines)} lines of all sets mixed, {words}")
        print(f"  drain3 {len(lines) / drain_seconds:>10,.0f} lines/s")
        print(f"  ours   {len(lines) / ours_seconds:>10,.0f} lines/s")
        print(f"  {drain_seconds / ours_seconds:.1f} × as fast as drain3 (≥ 30)")


def entry(number: int, *, structured: bool) -> bytes:
    """An entry as Cloud Logging has it."""
    words = f"request {number} done, lesson for d9b2d63d-a233-4123-847a-7f0a1d3e8a11 written"
    payload = {"jsonPayload": {"message": words, "request_id": f"{number:032x}", "took": 0.5}}
    return json.dumps(
        {
            "timestamp": f"2026-01-01T00:00:00.{number % 1_000_000:06d}Z",
            "receiveTimestamp": "2026-01-01T00:00:01.500000Z",
            "insertId": f"{number:017d}",
            "severity": "INFO",
            "logName": "projects/local/logs/run.googleapis.com%2Fstdout",
            "resource": {"type": "cloud_run_job", "labels": {"job_name": "worker"}},
            "labels": {"run.googleapis.com/execution_name": "worker-abc"},
            **(payload if structured else {"textPayload": words}),
        }
    ).encode()


def measure_entries() -> None:
    """JSON into entries."""
    from landed.logs.entries import from_lines

    count = 100_000
    for words, structured in (("text", False), ("structured", True)):
        rows = [entry(number, structured=structured) for number in range(count)]
        data = b"\n".join(rows)
        ours = best(lambda data=data: from_lines(data, "e"))  # type: ignore[misc]
        theirs = best(lambda rows=rows: [json.loads(row) for row in rows], 2)  # type: ignore[misc]
        print(f"{count} {words} entries, {len(data) / count:.0f} bytes each")
        print(f"  json.loads alone {count / theirs / 1e6:6.2f} M/s")
        print(f"  ours, to entries {count / ours / 1e6:6.2f} M/s (≥ 0.6), {theirs / ours:.1f} ×")


def signatures() -> list[str]:
    """200 phrases as `Landed-Fixes:` trailers have them."""
    names = [f"{first}{last}" for first in ("School", "Lesson", "User", "Flag") for last in "ABCDE"]
    forms = (
        "expression '{}' failed to locate a name", "No module named '{}'", 'relation "{}" does not',
        "Cannot read properties of undefined (reading '{}')", "no such column: {}", "undefined: {}",
        "{} is not ready after", "cannot find symbol {}", "KeyError: '{}'", "no {} with id",
    )  # fmt: skip
    return [form.format(name) for form in forms for name in names]


def measure_signatures(mixed: Sequence[str]) -> None:
    """200 known signatures in many entries, one entry in a thousand with one of them."""
    from landed.core.probe import LogLine
    from landed.logs.signatures import Signatures, search_for

    wanted = signatures()
    chance = random.Random(1)
    texts = [*mixed] * 7
    for number in range(0, len(texts), 1000):
        texts[number] += f" {chance.choice(wanted)}"
    data = "\0".join(texts).encode()
    moment = datetime.now(UTC)
    entries = [LogLine(timestamp=moment, severity="INFO", text=t, execution="e") for t in texts]
    search = search_for([word.encode() for word in wanted])
    known = Signatures({word: word for word in wanted})
    pattern = re.compile("|".join(map(re.escape, wanted)).encode())
    size = len(data)
    scan = best(lambda: search(data))
    whole = best(lambda: known.names(entries))
    part = data[: size // 20]
    plain = best(lambda: pattern.findall(part), 2) * size / len(part)
    print(f"{len(wanted)} signatures in {size / 1e6:.0f} MB, {len(entries)} entries")
    print(f"  Python's re                {size / plain / 1e9:6.3f} GB/s")
    print(f"  ours, in bytes             {size / scan / 1e9:6.3f} GB/s (≥ 1)")
    print(f"  ours, entries with names   {size / whole / 1e9:6.3f} GB/s")


def main() -> None:
    """Measures, and prints."""
    if len(sys.argv) != 2:
        sys.exit("usage: ./dev bench logs FOLDER-OF-LOGHUB")
    sets = loghub(Path(sys.argv[1]))
    if not sets:
        sys.exit(f"{sys.argv[1]} has no *_2k.log_structured.csv")
    measure_accuracy(sets)
    mixed = [message for messages, _ in sets.values() for message in messages]
    random.Random(1).shuffle(mixed)
    measure_speed(mixed)
    measure_entries()
    measure_signatures(mixed)


if __name__ == "__main__":
    main()
