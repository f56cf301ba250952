"""Types that several threads read are learned before: two that are first at once crash msgspec."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

CODE = """
import sys, threading, types
import msgspec
from landed.core.model import learned
sys.setswitchinterval(1e-6)
sys.modules["made"] = made = types.ModuleType("made")
text = "from __future__ import annotations\\nimport msgspec\\n"
text += "class A0(msgspec.Struct):\\n  c: int = 0\\n"
for number in range(1, 8):
    text += f"class A{number}(msgspec.Struct):\\n  a: str = ''\\n"
    text += f"  c: tuple[A{number - 1}, ...] = ()\\n"
for _ in range(int(sys.argv[2])):
    exec(text, made.__dict__)
    shape = made.A7
    if sys.argv[1] == "learned":
        learned(shape)
    gate = threading.Barrier(4)
    def read():
        gate.wait()
        msgspec.json.decode(b'{"c":[{"c":[{}]}]}', type=shape)
    threads = [threading.Thread(target=read) for _ in range(4)]
    for one in threads: one.start()
    for one in threads: one.join()
"""


def test_threads_that_are_first_at_once() -> None:
    command = [sys.executable, "-c", CODE, "learned", "100"]
    assert subprocess.run(command, check=False, timeout=120).returncode == 0


def test_every_type_that_is_read_was_learned() -> None:
    """Nobody has to remember: a type that is decoded somewhere stands in some `learned(…)`."""
    read, known = set(), set()
    for path in SOURCE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func)
            words = [*call.args, *(k.value for k in call.keywords if k.arg == "type")]
            types = {w.id for w in words if isinstance(w, ast.Name) and _is_type(w.id)}
            if name == "learned" or name.endswith("json.Decoder"):
                known |= types
            elif name.split(".")[-1] in READERS:
                read |= types
    assert len(read) > 20
    assert read - known == set()


READERS = {"convert", "decode", "read", "_read", "watched", "watched_one", "run"}
SOURCE = Path(__file__).parents[2] / "src"


def _is_type(name: str) -> bool:
    bare = name.lstrip("_")
    return bare[:1].isupper() and not bare.isupper()
