"""Makes again what is generated: the settings' schema, and the picture in the README.

`python docs/make.py --check` changes nothing and fails where something is out of date.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from landed.config import Settings

DOCS = Path(__file__).parent
SCHEMAS = DOCS / "reference" / "schemas"
PICTURE = DOCS / "picture.svg"


def settings_schema() -> str:
    """The JSON Schema of landed.toml, from the types that read it."""
    schema: dict[str, Any] = msgspec.json.schema(Settings)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps({**schema, "title": "landed.toml"}, indent=2) + "\n"


def picture() -> str:
    """A terminal picture of a real run: the fourth step of the rehearsal, traced."""
    from rich.console import Console  # noqa: PLC0415 - the check needs no picture
    from rich.text import Text  # noqa: PLC0415

    from landed.demo.stage import Stage  # noqa: PLC0415
    from landed.demo.story import STEPS, Night  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        shown: list[str] = []
        stage = Stage(Path(folder), shown.append)
        stage.set_up()
        night = Night(stage, shown.append)
        for step in STEPS[:3]:
            step.act(night)
        wide = {"FORCE_COLOR": "1", "COLUMNS": "96"}
        out = stage.command([sys.executable, "-m", "landed", "trace"], wide).out
    console = Console(record=True, width=98, file=io.StringIO())
    console.print(Text("$ landed trace", style="bold"))
    console.print(Text.from_ansi(out.replace(folder, "~")))
    svg = console.export_svg(title="landed", unique_id="landed")
    # rich names a web font; a picture in a README loads nothing from elsewhere.
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "DejaVu Sans Mono")


def main() -> int:
    """Writes, or checks."""
    place = SCHEMAS / "landed-toml.json"
    if "--check" in sys.argv:
        if place.read_text() != settings_schema():
            print(f"{place.name} is out of date: ./dev docs")
            return 1
        return 0
    place.write_text(settings_schema())
    PICTURE.write_text(picture())
    print(f"wrote {place.name} and {PICTURE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
