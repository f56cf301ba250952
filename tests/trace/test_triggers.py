from __future__ import annotations

import pytest

from landed.core.probe import Trigger
from landed.trace.triggers import passes, watches


@pytest.mark.parametrize(
    ("pattern", "ref", "wanted"),
    [
        ("^main$", "refs/heads/main", True),
        ("^main$", "refs/heads/main-2", False),
        ("main", "refs/heads/main-2", True),
        ("^release/.*$", "refs/heads/release/1.4", True),
        ("^release/.*$", "refs/heads/main", False),
        (".*", "refs/heads/anything/at-all", True),
        ("^(main|develop)$", "refs/heads/develop", True),
        ("^(main|develop)$", "refs/heads/dev", False),
        (r"^v1\.4$", "refs/heads/v1.4", True),
        (r"^v1\.4$", "refs/heads/v1x4", False),
        ("^a.*b.*c$", "refs/heads/a-b-b-c", True),
        ("^a.*b$", "refs/heads/ab", True),
        ("^ab.*b$", "refs/heads/ab", False),
        ("ain$", "refs/heads/main", True),
        ("ai$", "refs/heads/main", False),
        ("", "refs/heads/main", None),
        ("^(a+)+$", "refs/heads/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", None),
        ("^[^m].*$", "refs/heads/main", None),
        ("^main$|^dev$", "refs/heads/dev", None),
        ("^main.$", "refs/heads/main2", None),
    ],
)
def test_a_pattern_against_the_builders_ref(pattern: str, ref: str, *, wanted: bool | None) -> None:
    assert watches(Trigger(name="t", ref=pattern), ref) is wanted


def test_a_pattern_of_tags_takes_no_branch() -> None:
    of_tags = Trigger(name="t", ref=".*", of_tags=True)
    assert watches(of_tags, "refs/heads/main") is False
    assert watches(of_tags, "refs/tags/v1") is True
    assert watches(Trigger(name="t", ref=".*"), "refs/tags/v1") is False


@pytest.mark.parametrize(
    ("included", "ignored", "changed", "wanted"),
    [
        ((), (), ("a.py",), True),
        (("services/**",), (), ("services/api/a.py",), True),
        (("services/**",), (), ("docs/a.md",), False),
        (("services/*",), (), ("services/api/a.py",), False),
        (("**/*.py",), (), ("a.py",), True),
        (("**/*.py",), (), ("deep/down/a.py",), True),
        ((), ("docs/**",), ("docs/a.md",), False),
        ((), ("docs/**",), ("docs/a.md", "a.py"), True),
        ((), ("**",), ("a.py",), False),
        (("docs/**",), ("**/*.md",), ("docs/a.md", "a.py"), False),
        (("docs/**",), ("**/*.md",), ("docs/a.txt",), True),
        (("[!a].py",), (), ("a.py",), True),
        (("[^a].py",), (), ("a.py",), False),
        (("[",), (), ("a.py",), None),
        (("a",), (), (), None),
    ],
)
def test_path_filters_as_google_reads_them(
    included: tuple[str, ...],
    ignored: tuple[str, ...],
    changed: tuple[str, ...],
    *,
    wanted: bool | None,
) -> None:
    assert passes(included, ignored, changed) is wanted
