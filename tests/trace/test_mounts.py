"""A volume hides the image's files, whatever way its folder is spelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from landed.core.probe import File, Start
from landed.trace.mounts import below

LINKS = {"app/current": "v1", "srv": "/app/current/..", "round": "round", "opt/a": "../app/v1"}
FILES = ("app/job.py", "app/v1/mod.py", "usr/bin/python")


@dataclass
class Linked:
    """An image of a few files and links."""

    labels: Mapping[str, str] = field(default_factory=dict)
    start: Start = field(default_factory=Start)

    @property
    def files(self) -> Mapping[str, File]:
        return {path: File(mode="100644", blob="b") for path in FILES} | {
            path: File(mode="120000", blob="l") for path in LINKS
        }

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        return {path: LINKS[path].encode() for path in paths}


@pytest.mark.parametrize(
    ("mount", "hidden"),
    [
        ("/app/current", ["app/v1/mod.py"]),
        ("/opt/a/", ["app/v1/mod.py"]),
        ("/x/../app/./v1", ["app/v1/mod.py"]),
        ("//app//v1//", ["app/v1/mod.py"]),
        ("/srv/v1", ["app/v1/mod.py"]),
        ("/app/job.py", ["app/job.py"]),
        ("/", list(FILES)),
        ("/round", list(FILES)),
        ("/app/v", []),
        ("/mnt", []),
    ],
)
def test_what_a_volume_hides(mount: str, hidden: list[str]) -> None:
    assert [path for path in below([mount], Linked()) if path in FILES] == hidden
