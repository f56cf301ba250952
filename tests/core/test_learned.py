"""Types that several threads read are learned before: two that are first at once crash msgspec."""

from __future__ import annotations

import subprocess
import sys

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
    command = [sys.executable, "-c", CODE, "learned", "300"]
    assert subprocess.run(command, check=False, timeout=120).returncode == 0
