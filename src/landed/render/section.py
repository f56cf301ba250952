"""A marked section of somebody's document: what stands between two comments is renewed."""

from __future__ import annotations

from landed.core.errors import UsageError

BEGIN, END = "<!-- landed report -->", "<!-- landed report end -->"


def renewed(document: str, content: str) -> str:
    """The document with this content between the marks; all else stays as it is, to the byte.

    Raises UsageError where the marks are not there, once each and in order.
    """
    begins, ends = document.count(BEGIN), document.count(END)
    begin, end = document.find(BEGIN), document.find(END)
    if begins != 1 or ends != 1 or end < begin:
        raise UsageError(
            "it has no section for the report, or more than one",
            f"put two lines where it belongs: {BEGIN} and {END}",
        )
    line = "\r\n" if "\r\n" in document else "\n"
    inside = content.strip("\n").replace("\n", line)
    head, tail = document[: begin + len(BEGIN)], document[end:]
    return f"{head}{line}{inside}{line}{tail}"
