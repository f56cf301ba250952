"""What a command prints, held against the schema that it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

SCHEMAS = Path(__file__).parents[1] / "docs" / "reference" / "schemas"


def validate(document: dict[str, Any]) -> str:
    """Validates a document; returns the name of its schema's file."""
    name = str(document["schema"]).removeprefix("landed/").replace("/", "-")
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(
        document
    )
    return name
