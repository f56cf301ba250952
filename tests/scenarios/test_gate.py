"""An upload that carries a proof along: the trace leaves it out, and only a true one."""

from __future__ import annotations

from scenarios.shop import JOB, SCHOOL, Shop, good

PROOF = ".landed-proof"


def test_a_proof_that_goes_along_is_no_file_of_the_upload(shop: Shop) -> None:
    shop.write(".dockerignore", f"{PROOF}\n")
    shop.change(good(), "mend it", fixes=SCHOOL)
    shop.push()
    assert shop.landed("gate", "--write-proof", PROOF).code == 0
    built = shop.build("--source", "upload")
    shop.deploy(f"{JOB}@{built.data['digest']}")
    shop.execute()
    traced = shop.trace()
    assert traced.statuses()["sourced"] == "holds", traced.said()
    assert traced.statuses()["packed"] == "holds", traced.said()


def test_a_proof_that_stayed_in_the_image_is_no_stray(shop: Shop) -> None:
    """The step that takes it away is missing: it is no code, and follows from the commit's id."""
    shop.write("Dockerfile", (shop.work / "Dockerfile").read_text() + "COPY . /all/\n")
    shop.change(good(), "mend it", fixes=SCHOOL)
    shop.push()
    assert shop.landed("gate", "--write-proof", PROOF).code == 0
    shop.build("--source", "upload")
    traced = shop.trace()
    assert traced.statuses()["packed"] == "holds", traced.said()


def test_what_is_only_called_so_is_swept_in(shop: Shop) -> None:
    shop.write("Dockerfile", (shop.work / "Dockerfile").read_text() + f"COPY {PROOF}* /srv/\n")
    shop.change(good(), "mend it", fixes=SCHOOL)
    shop.push()
    shop.write(PROOF, "payload\n")
    shop.build("--source", "upload")
    traced = shop.trace()
    assert traced.statuses()["sourced"] == "broken", traced.said()
    assert PROOF in traced.link("sourced")["because"]
