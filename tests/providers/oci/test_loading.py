"""httpx is slow to load: who asks no registry does not."""

from __future__ import annotations

import subprocess
import sys


def test_without_a_registry_no_httpx() -> None:
    code = (
        "import sys; import landed.cli.main, landed.wiring, landed.providers.oci, "
        "landed.content.image.reference; print('httpx' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
