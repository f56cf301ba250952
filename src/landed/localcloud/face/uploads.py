"""Resumable uploads: what came in so far lies in the cloud's folder, so it outlives the face."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path
from typing import IO

from landed.core.model import Frozen, learned
from landed.localcloud.disk import locked, read, save
from landed.localcloud.face.answers import Refusal, absent, invalid
from landed.localcloud.objects import ObjectRecord, Objects

LARGE = 1 << 30
"""Bytes that an upload may have; it lies on disk while it comes in."""
_ID = re.compile(r"[0-9a-f]{32}")
_RANGE = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15}|\*)")


class _Begun(Frozen):
    """Where an upload is to go."""

    bucket: str
    name: str
    content_type: str


learned(_Begun)


class Uploads:
    """The uploads of one cloud that have not ended yet."""

    def __init__(self, root: Path, objects: Objects) -> None:
        self._root = root
        self._objects = objects

    def begin(self, bucket: str, name: str, content_type: str) -> str:
        """Begins an upload; gives its id."""
        new = secrets.token_hex(16)
        save(
            self._root / new / "begun.json",
            _Begun(bucket=bucket, name=name, content_type=content_type),
        )
        return new

    def go_on(
        self, upload: str, said: str | None, data: IO[bytes], size: int
    ) -> int | ObjectRecord:
        """Takes in the next bytes: the object where they were the last ones, else how many there
        are. `said` is the Content-Range. Raises Refusal where the bytes do not fit.
        """
        folder = self._root / upload
        if not _ID.fullmatch(upload) or not folder.is_dir():
            raise absent("The upload")
        with locked(folder / "lock"):
            begun = read(folder / "begun.json", _Begun)
            with (folder / "data").open("ab+") as file:
                total = _fitting(said, file.tell(), size)
                shutil.copyfileobj(data, file)
                file.flush()
                here = file.tell()
                if total is None or here < total:
                    return here
                file.seek(0)
                kept = self._objects.put(begun.bucket, begun.name, file, begun.content_type)
        shutil.rmtree(folder, ignore_errors=True)
        return kept


def _fitting(said: str | None, here: int, size: int) -> int | None:
    """How large the whole is to be, None where that was not said yet."""
    if said is None:
        return here + size
    found = _RANGE.fullmatch(said)
    if not found:
        raise invalid("the Content-Range cannot be read")
    first, last, total = found.groups()
    if first is not None and (int(first) != here or int(last) - int(first) + 1 != size):
        raise Refusal(400, f"the upload goes on at byte {here}")
    if here + size > LARGE or (total != "*" and int(total) > LARGE):
        raise Refusal(413, f"an object has at most {LARGE} bytes")
    return None if total == "*" else int(total)
