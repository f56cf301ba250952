"""`landed ship` on Google Cloud, through the local cloud's HTTP face."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.google_shop import IMAGE, UPLOADS, GoogleShop


@pytest.fixture
def shop(tmp_path: Path):
    made = GoogleShop(tmp_path)
    made.face.face.objects.make_bucket(UPLOADS, "US")
    yield made
    made.close()


def test_first(shop: GoogleShop) -> None:
    shop.lose()
    text = (shop.work / "landed.toml").read_text()
    shop.write(
        "landed.toml",
        text.replace(
            "[deployables.worker]\n",
            f"[deployables.worker]\nimage = '{IMAGE}:latest'\nsmoke = ['python', '-c', 'import app.job; print(\"$HOME\")']\n",
        ),
    )
    fix = shop.fix()
    shop.push()
    answer = shop.landed("ship")
    print(answer.data, answer.err)
    assert answer.code == 0
    shop.trace(fix).proves()
