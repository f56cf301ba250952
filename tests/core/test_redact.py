"""Secrets leave a text in all the forms that logs, settings and addresses give them."""

from __future__ import annotations

from time import process_time

import pytest

from landed.core.redact import redact
from landed.http.failures import plain

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2-hunter2_hunter2"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=***"),
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
        ("  POSTGRES_PASSWORD: hunter2", "  POSTGRES_PASSWORD: ***"),
        ("clientSecret=hunter2&x=1", "clientSecret=***&x=1"),
        ("client_secret=hunter2", "client_secret=***"),
        ("AWS_SECRET_ACCESS_KEY=hunter2/x+y", "AWS_SECRET_ACCESS_KEY=***"),
        ("access_token=hunter2", "access_token=***"),
        ("private_token=hunter2", "private_token=***"),
        ('{"access_token": "hunter2", "n": 1}', '{"access_token": "***", "n": 1}'),
        ('{"refresh_token":"hunter2"}', '{"refresh_token":"***"}'),
        (r'"{\"refresh_token\": \"hunter2\", 1}"', r'"{\"refresh_token\": \"***\", 1}"'),
        ('password: "with, hunter2"', 'password: "***"'),
        (r'"password": "with\"hunter2"', '"password": "***"'),
        ("x?X-Goog-Signature=hunter2&y=1", "x?X-Goog-Signature=***&y=1"),
        ("x?X-Amz-Signature=hunter2", "x?X-Amz-Signature=***"),
        ("x?sv=1&sig=hunter2", "x?sv=1&sig=***"),
        ("--password hunter2 --user me", "--password *** --user me"),
        ("--db-password 'my hunter2' x", "--db-password '***' x"),
        ("https://u:p@hunter2@h/x", "https://***@h/x"),
        ("postgres://u:a/hunter2@h/db", "postgres://***@h/db"),
        (f"https://u:{'hunter2' * 200}@h/x", "https://***@h/x"),
        ("Authorization: Basic hunter2", "Authorization: Basic ***"),
        ("the token: Basic hunter2", "the token: Basic ***"),
        ("the token: hunter2 is old", "the token: *** is old"),
        ("my password: hunter is old", "my password: *** is old"),
        ("api_glpat-hunter2hunter2hunter2", "api_***"),
        ("xoxb-hunter2-hunter2", "***"),
        ("GOCSPX-hunter2hunter2hunter2", "***"),
        ("key AIzahunter2hunter2hunter2hunter2hunter2 x", "key *** x"),
        ("ya29.c.hunter2.hunter2", "***"),
        (f"a {JWT}, b", "a ***, b"),
        (
            '"private_key": "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----"',
            '"private_key": "***"',
        ),
    ],
)
def test_a_secret_goes_and_the_rest_stays(said: str, left: str) -> None:
    assert redact(said) == left
    assert redact(left) == left


@pytest.mark.parametrize(
    "said",
    [
        "gcloud gives no token: ERROR: (gcloud.auth.print-access-token) You do not have one",
        "no token: invalid_grant: Bad Request",
        "a bad token: The one given has expired",
        "http://localhost:8080/org/x@v1",
        "https://host/org/x@v1?design=1",
        "git@host:org/x.git",
        "see --password-file and --token",
        "42 tokens: 7 of them new",
    ],
)
def test_a_plain_sentence_stays(said: str) -> None:
    assert redact(said) == said


@pytest.mark.parametrize(
    "piece",
    [
        "a", "=", "-", ":", "/", "@", '"', "\\", " ", "a.", "a://", "a://b:", "a://@", "token",
        "token ", "token=", 'token="', 'token="\\', "password: ", "token: a ", "--", "--a-", "-eyJ",
        "eyJaaaaa.", "bearer ", "sig=", "glpat-", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ",
    ],
)  # fmt: skip
def test_a_hostile_text_costs_little(piece: str) -> None:
    begun = process_time()
    redact(piece * ((1 << 20) // len(piece)))
    assert process_time() - begun < 5


def test_a_secret_that_is_cut_off_is_gone_too() -> None:
    assert "hunter2" not in plain(f"no: https://me:{'hunter2' * 300}@host/x")
