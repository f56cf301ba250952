"""How long the gate keeps a build waiting: `./dev bench gate`.

A workspace of 5,000 files, as a clone and as an upload with a proof, side by side with what a
person would put there instead: `git status`, which trusts the times in its index, and
`git hash-object` over all files, which reads every byte as the gate does.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import run

ROUNDS = 7


def in_process(workspace: Path, commit: str) -> Callable[[], object]:
    """The gate without the start of Python."""
    from landed.content.gate.gate import gate

    return lambda: gate(workspace, commit)


def offline(workspace: Path, commit: str) -> list[str]:
    """The whole process in a namespace without any network, where the system allows that."""
    command = [sys.executable, "-m", "landed", "gate", str(workspace), "--commit", commit]
    shut = ["unshare", "--net", "--map-root-user"]
    tried = subprocess.run([*shut, "true"], capture_output=True, check=False)
    return command if tried.returncode else [*shut, *command]


def main() -> None:
    """Measures, and prints."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clone = run.large_clone(folder)
        asked = ["git", "rev-parse", "HEAD"]
        commit = subprocess.check_output(asked, cwd=clone, text=True).strip()
        upload = folder / "upload"
        upload.mkdir()
        archive = subprocess.check_output(["git", "archive", "HEAD"], cwd=clone)
        subprocess.run(["tar", "x"], cwd=upload, input=archive, check=True)
        proof = upload / ".landed-proof"
        run.landed("gate", "--write-proof", str(proof), at=clone)()
        paths = "\n".join(str(p) for p in sorted((upload / "src").rglob("*.py"))).encode()
        status = ["git", "status", "--porcelain"]
        read = ["git", "hash-object", "--stdin-paths"]

        def by_hand(words: list[str], given: bytes = b"") -> float:
            return run.quickest(
                lambda: subprocess.run(
                    words, cwd=clone, input=given, capture_output=True, check=True
                ),
                ROUNDS,
            )

        base, hashed = by_hand(status), by_hand(read, paths)
        against = "git status"
        run.say(f"git status ({run.FILES} files)", base, base, against)
        run.say("git hash-object of all files", hashed, base, against)
        for what, place in (("a clone", clone), ("an upload", upload)):
            whole = by_hand(offline(place, commit))
            inside = run.quickest(in_process(place, commit), ROUNDS)
            run.say(f"landed gate, {what}, whole process", whole, base, against)
            run.say(f"landed gate, {what}, without Python's start", inside, base, against)
        run.say("  … beside reading all files", inside, hashed, "git hash-object")
        print(f"the proof of {run.FILES} files: {proof.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
