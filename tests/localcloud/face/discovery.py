"""Google's discovery documents as strict JSON Schema: an answer holds only what they name."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import googleapiclient  # type: ignore[import-untyped] # Google ships no types with it
from jsonschema import Draft202012Validator, FormatChecker

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
APIS = (
    "storage.v1",
    "cloudbuild.v1",
    "cloudbuild.v2",
    "cloudresourcemanager.v1",
    "run.v1",
    "run.v2",
    "logging.v2",
    "artifactregistry.v1",
    "serviceusage.v1",
    "iam.v1",
    "containeranalysis.v1",
    "containeranalysis.v1beta1",
)
ERROR = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "status"],
            "additionalProperties": False,
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string", "minLength": 1},
                "status": {"type": "string", "pattern": "^[A-Z_]+$"},
                "details": {"type": "array", "items": {"type": "object", "required": ["@type"]}},
                "errors": {"type": "array"},
            },
        }
    },
}
FORMATS: dict[str, dict[str, Any]] = {
    "int64": {"pattern": r"^-?\d{1,19}$"},
    "uint64": {"pattern": r"^\d{1,20}$"},
    "date-time": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$"},
    "google-datetime": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"},
    "google-duration": {"pattern": r"^-?\d+(\.\d{1,9})?s$"},
    "byte": {"pattern": r"^[A-Za-z0-9+/_-]*={0,2}$"},
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "uint32": {"minimum": 0, "maximum": 2**32 - 1},
}


class Method(NamedTuple):
    """One method of an API: how it is asked, and what it answers."""

    api: str
    name: str
    verb: str
    path: re.Pattern[str]
    answer: str | None


@cache
def document(api: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCUMENTS / f"{api}.json").read_text())
    return found


def _pattern(path: str, parameters: dict[str, Any]) -> re.Pattern[str]:
    """A path of a discovery document as a pattern: `{name}` stands for a part, `{+name}` for what
    the parameter's own pattern says.
    """

    def part(words: str) -> str:
        if not words.startswith("{"):
            return re.escape(words)
        own = parameters.get(words.strip("{+}"), {}).get("pattern", "^[^/]+$")
        return f"(?:{own.removeprefix('^').removesuffix('$')})" if "+" in words else "[^/]+"

    return re.compile("".join(part(words) for words in re.split(r"(\{\+?\w+\})", path)))


@cache
def methods(host: str) -> tuple[Method, ...]:
    """Every method that lives at a host; `europe-west1-run.googleapis.com` is run's as well."""
    found = []
    for api in APIS:
        about = document(api)
        home = about["rootUrl"].removeprefix("https://").rstrip("/")
        also = {"storage.googleapis.com": ("www.googleapis.com",)}.get(home, ())
        if host != home and host not in also and not host.endswith(f"-{home}"):
            continue
        found += _methods(api, about, about.get("servicePath", ""))
    return tuple(found)


def _methods(api: str, part: dict[str, Any], base: str) -> list[Method]:
    found = []
    for method in part.get("methods", {}).values():
        answer = method.get("response", {}).get("$ref")
        paths = [base + method["path"]]
        paths += [
            way["path"].lstrip("/")
            for way in method.get("mediaUpload", {}).get("protocols", {}).values()
        ]
        found += [
            Method(
                api,
                method["id"],
                method["httpMethod"],
                _pattern(f"/{path}", method.get("parameters", {})),
                answer,
            )
            for path in paths
        ]
    for resource in part.get("resources", {}).values():
        found += _methods(api, resource, base)
    return found


def method(host: str, verb: str, path: str) -> Method | None:
    """The method that a request calls, None where Google documents none."""
    return next((m for m in methods(host) if m.verb == verb and m.path.fullmatch(path)), None)


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of a discovery document as JSON Schema, without room for anything else."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type")
    if kind == "any":
        return {}
    strict: dict[str, Any] = {"type": kind, **FORMATS.get(schema.get("format", ""), {})}
    if "enum" in schema:
        strict["enum"] = schema["enum"]
    if kind == "array":
        strict["items"] = _strict(schema["items"])
    if kind == "object":
        more = schema.get("additionalProperties")
        strict["additionalProperties"] = _strict(more) if more else False
        strict["properties"] = {k: _strict(v) for k, v in schema.get("properties", {}).items()}
    return strict


@cache
def validator(api: str, name: str) -> Draft202012Validator:
    """What checks an object of this name."""
    schemas = {key: _strict(value) for key, value in document(api)["schemas"].items()}
    return Draft202012Validator(
        {"$ref": f"#/$defs/{name}", "$defs": schemas}, format_checker=FormatChecker()
    )


def faults(api: str, name: str, answer: Any) -> list[str]:
    """Where an answer differs from what Google documents, in words."""
    found = [
        f"{error.json_path}: {error.message[:300]}"
        for error in validator(api, name).iter_errors(answer)
    ]
    for where, typed in _typed(answer):
        # Cloud Run's schemas have longer names there than its types.
        short = typed["@type"].rpartition(".")[2]
        inner = f"GoogleCloudRunV2{short}" if api == "run.v2" else short
        if inner in document(api)["schemas"]:
            plain = {key: value for key, value in typed.items() if key != "@type"}
            found += [f"{where} as {inner}: {fault}" for fault in faults(api, inner, plain)]
        else:
            found.append(f"{where}: {typed['@type']} is no type of {api}")
    return found


def _typed(answer: Any) -> list[tuple[str, dict[str, Any]]]:
    """The parts of an operation that say their type themselves."""
    if not isinstance(answer, dict) or not {"done", "metadata"} & answer.keys():
        return []
    parts = {key: answer.get(key) for key in ("metadata", "response")}
    return [
        (key, part) for key, part in parts.items() if isinstance(part, dict) and "@type" in part
    ]


def error_faults(answer: Any) -> list[str]:
    """Where an error differs from the shape that Google's errors have."""
    return [
        f"{e.json_path}: {e.message[:300]}" for e in Draft202012Validator(ERROR).iter_errors(answer)
    ]
