"""Names as docker reads them: the table is docker's own, from its reference grammar."""

from __future__ import annotations

import pytest

from landed.content.image.reference import Reference, parse
from landed.core.errors import UsageError

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("redis", "docker.io/library/redis:latest"),
        ("redis:7", "docker.io/library/redis:7"),
        ("shop/redis", "docker.io/shop/redis:latest"),
        ("docker.io/redis", "docker.io/library/redis:latest"),
        ("index.docker.io/redis", "docker.io/library/redis:latest"),
        ("docker.io/shop/redis:V1", "docker.io/shop/redis:V1"),
        ("localhost/redis", "localhost/redis:latest"),
        ("localhost:5000/redis:7", "localhost:5000/redis:7"),
        ("LOCALHOST:5000/redis", "localhost:5000/redis:latest"),
        ("local/redis", "docker.io/local/redis:latest"),
        ("host:5000/redis", "host:5000/redis:latest"),
        ("Example.COM/a/b/c", "example.com/a/b/c:latest"),
        ("127.0.0.1:5000/a", "127.0.0.1:5000/a:latest"),
        ("[::1]:5000/a:b", "[::1]:5000/a:b"),
        (f"a@{DIGEST}", f"docker.io/library/a@{DIGEST}"),
        (f"example.com/a:t@{DIGEST}", f"example.com/a:t@{DIGEST}"),
        ("a__b/c-d/e.f---g", "docker.io/a__b/c-d/e.f---g:latest"),
    ],
)
def test_a_name_in_its_parts(text: str, whole: str) -> None:
    found = parse(text)
    assert str(found) == whole
    assert parse(str(found)) == found


def test_the_digest_counts_where_there_is_a_tag_as_well() -> None:
    found = parse(f"example.com:8443/shop/a:v1@{DIGEST}")
    assert found == Reference(host="example.com:8443", repository="shop/a", tag="v1", digest=DIGEST)
    assert found.wanted == DIGEST
    assert parse("a:v1").wanted == "v1"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Redis", "redis"),
        ("example.com/Shop/A", "shop/a"),
        ("https://example.com/a", "leave out"),
        ("", "REPOSITORY"),
        ("a:", "REPOSITORY"),
        ("a@", "REPOSITORY"),
        ("a@sha256:12", "64 hex"),
        (f"a@sha512:{HEX}{HEX}", "64 hex"),
        ("a:b:c", "REPOSITORY"),
        ("a//b", "REPOSITORY"),
        ("../a", "REPOSITORY"),
        ("example.com/../a", "REPOSITORY"),
        ("example.com:0/a", "REPOSITORY"),
        ("example.com:65536/a", "REPOSITORY"),
        ("example.com:x/a", "REPOSITORY"),
        ("ex_ample.com/a", "REPOSITORY"),
        ("-example.com/a", "REPOSITORY"),
        ("user@example.com/a", "REPOSITORY"),
        ("example.com/a?b", "REPOSITORY"),
        ("example.com/a\n", "REPOSITORY"),
        (f"a:{'t' * 129}", "REPOSITORY"),
        ("a/" * 128 + "a", "REPOSITORY"),
    ],
)
def test_what_names_no_image(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(text)
    assert hint in raised.value.hint


def test_a_hostile_name_takes_no_time() -> None:
    with pytest.raises(UsageError):
        parse("a-" * 200_000 + "!")
    with pytest.raises(UsageError):
        parse("a" + "-." * 200_000 + "/b")
