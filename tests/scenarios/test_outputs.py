"""Committed outputs that were not made again: what evidence carries, and what it does not."""

from __future__ import annotations

import base64
import json

from scenarios.shop import DOCKERFILE, MAIN, SCHOOL, Answer, Shop, bad, good

OLD = 'export const words = "this school is closed";\n'
NEW = 'export const words = "this school is open again";\n'
MADE = 'console.log("this school is closed")\n'


def source_map(text: str, name: str = "webpack://worker/./src/school.ts") -> str:
    return json.dumps({"version": 3, "sources": [name, None], "sourcesContent": [text, None]})


def web(shop: Shop, files: dict[str, str]) -> None:
    """A worker that ships a folder of outputs, made of `src/`, which no COPY takes."""
    shop.write("src/school.ts", OLD)
    for path, text in files.items():
        shop.write(path, text)
    shop.commit("Pages")
    shop.push()


def changed(shop: Shop, text: str = NEW, path: str = "src/school.ts") -> Answer:
    """Changes the source alone, releases, and says what landed says."""
    shop.write(path, text)
    shop.commit("Open the school")
    shop.push()
    shop.release()
    return shop.trace()


def together(shop: Shop, times: int = 2, source: str = "src/school.ts") -> None:
    """Commits that change the source and make the output again."""
    for number in range(times):
        shop.write(source, OLD + f"export const n = {number};\n")
        shop.write("app/dist/app.js", MADE + f"n={number}\n")
        shop.commit(f"Number {number}")
    shop.push()


def is_quiet(traced: Answer) -> None:
    """Nothing of outputs is said, and the change has no effect, as far as a Dockerfile tells."""
    assert traced.link("packed")["also"] == [], traced.said()
    assert traced.statuses()["packed"] == "holds"


def test_the_source_map_holds_the_old_text(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE, "app/dist/app.js.map": source_map(OLD)})
    last = shop.git("rev-parse", "HEAD")
    traced = changed(shop)
    traced.breaks("packed", "stale-output")
    packed = traced.link("packed")
    assert f"app/dist/app.js, last made in {last[:10]}," in packed["because"]
    assert "src/school.ts as before the change" in packed["because"]
    assert packed["remedy"][1] == "git add -- app/dist/app.js"
    assert traced.answers[0] == "no"
    assert traced.data["effect"] == "some"
    facts = next(e["facts"] for e in packed["evidence"] if "outputs" in e["facts"])
    assert [one["proof"] for one in facts["outputs"]] == ["map"]


def test_the_map_stands_in_the_output_itself(shop: Shop) -> None:
    inline = base64.b64encode(source_map(OLD, "../../src/school.ts").encode()).decode()
    end = f"//# sourceMappingURL=data:application/json;charset=utf-8;base64,{inline}\n"
    web(shop, {"app/page.min.js": MADE + end})
    changed(shop).breaks("packed", "stale-output")


def test_words_that_were_taken_out_are_there_and_those_put_in_are_not(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE})
    together(shop)
    traced = changed(shop)
    traced.breaks("packed", "stale-output")
    assert "words that the change took out" in traced.link("packed")["because"]
    # What they are may be a secret: it is not shown.
    assert "closed" not in json.dumps(traced.data)


def test_what_changed_together_before_is_no_proof_and_no_calm(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE})
    together(shop)
    traced = changed(shop, OLD + "export const n = 1;\n// A word for who reads it.\n")
    assert traced.verdict == "unproved", traced.said()
    assert traced.statuses()["packed"] == "holds"
    assert traced.link("packed")["also"] == ["stale-output"]
    assert traced.answers[0] == "unknown"
    assert traced.data["effect"] == "unknown"
    assert "2 commits before changed both" in traced.data["answers_because"]["in_there"]


def test_the_source_lies_in_the_image_as_well_and_the_output_runs(shop: Shop) -> None:
    made = MAIN.replace("from app import job", "class job:\n    run = lambda: 'work done slowly'")
    shop.write("Dockerfile", DOCKERFILE.replace('"app"]', '"app.dist"]'))
    shop.write("app/dist/__init__.py", "")
    for number in range(2):
        shop.write("app/words.py", f'WORDS = "work done slowly"\nN = {number}\n')
        shop.write("app/dist/__main__.py", f"{made}# {number}\n")
        shop.commit(f"Number {number}")
    shop.push()
    traced = changed(shop, 'WORDS = "work done quickly"\nN = 1\n', "app/words.py")
    traced.breaks("packed", "stale-output")
    assert traced.answers[0] == "no"


def test_the_source_runs_and_the_output_lies_beside_it(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE})
    together(shop, source="app/job.js")
    shop.write("app/job.py", bad(SCHOOL))
    shop.commit("Ask the school")
    shop.write("app/job.js", NEW)
    shop.fix()
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.link("packed")["also"] == ["stale-output"]


def test_outputs_that_were_made_again_are_healthy(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE, "app/dist/app.js.map": source_map(OLD)})
    together(shop)
    shop.write("app/dist/app.js", MADE.replace("closed", "open again"))
    shop.write("app/dist/app.js.map", source_map(NEW))
    traced = changed(shop)
    traced.proves()
    is_quiet(traced)
    # Also where a later commit made them.
    shop.write("src/school.ts", OLD)
    commit = shop.commit("Close it")
    shop.write("app/dist/app.js", MADE)
    shop.write("app/dist/app.js.map", source_map(OLD))
    shop.commit("Make the pages")
    shop.push()
    shop.release()
    is_quiet(shop.trace(commit))


def test_only_the_map_was_made_again_since_the_output_is_the_same(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE, "app/dist/app.js.map": source_map(OLD)})
    together(shop)
    comment = OLD + "// A word for who reads it.\n"
    shop.write("app/dist/app.js.map", source_map(comment))
    is_quiet(changed(shop, comment))


def test_a_source_that_no_output_was_made_of(shop: Shop) -> None:
    other = {"app/dist/app.js": MADE, "app/dist/app.js.map": source_map(OLD), "src/other.ts": "1\n"}
    web(shop, other)
    together(shop)
    traced = changed(shop, 'const other = "this school is open";\n', "src/other.ts")
    is_quiet(traced)
    assert traced.data["effect"] == "none"


def test_words_about_it_and_tests_of_it_make_no_output(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE, "app/dist/app.js.map": source_map(OLD)})
    for path in ("README.md", "tests/test_school.py"):
        is_quiet(changed(shop, NEW, path))


def test_one_commit_that_changed_both_is_no_habit(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE})
    is_quiet(changed(shop, OLD + "// A word for who reads it.\n"))


def test_a_tool_that_came_with_the_output_in_one_commit(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE, "tools/send.py": 'WHERE = "this school is closed"\n'})
    traced = changed(shop, 'WHERE = "this school is far"\n', "tools/send.py")
    is_quiet(traced)
    assert traced.data["effect"] == "none"


def test_the_map_of_another_package_holds_a_twin(shop: Shop) -> None:
    web(shop, {"other/src/school.ts": OLD, "app/dist/app.js": MADE,
               "app/dist/app.js.map": source_map(OLD, "../../other/src/school.ts")})  # fmt: skip
    traced = changed(shop)
    is_quiet(traced)
    assert traced.data["effect"] == "none"


def test_of_two_twins_nobody_can_tell_which_one_a_map_holds(shop: Shop) -> None:
    web(shop, {"other/src/school.ts": OLD, "app/dist/app.js": MADE,
               "app/dist/app.js.map": source_map(OLD)})  # fmt: skip
    is_quiet(changed(shop))


def test_another_way_to_write_the_same_makes_no_other_output(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE, "app/dist/app.js.map": source_map(OLD)})
    written = "export const words =\n  'this school is closed'\n"
    traced = changed(shop, written)
    is_quiet(traced)
    assert traced.data["effect"] == "none"


def test_another_output_of_its_folder_was_made_since(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE, "app/dist/other.js": "other()\n"})
    together(shop)
    shop.write("app/dist/other.js", "other('made with the change')\n")
    is_quiet(changed(shop))


def test_what_seldom_changed_together_is_no_habit(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE})
    together(shop)
    for number in range(5):
        shop.write("src/school.ts", OLD + f"// {number}\n")
        shop.commit(f"A word, {number}")
    is_quiet(changed(shop, OLD + "// A word for who reads it.\n"))


def test_a_dockerfile_that_makes_outputs_itself(shop: Shop) -> None:
    web(shop, {"app/dist/app.js": MADE, "app/dist/app.js.map": source_map(OLD)})
    shop.write("Dockerfile", DOCKERFILE.replace("CMD", "COPY src ./src\nRUN npm run build\nCMD"))
    shop.write("src/school.ts", NEW)
    shop.fix(good())
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    assert traced.link("packed")["also"] == ["stale-output"]


def test_a_healthy_release_without_outputs_asks_nothing(shop: Shop) -> None:
    shop.change(bad(SCHOOL))
    shop.push()
    shop.release()
    shop.fix()
    shop.push()
    shop.release()
    traced = shop.trace()
    traced.proves()
    is_quiet(traced)
