"""What the remote itself answers about a change: pushed, lost, equal, taken back, out of reach."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_world import Repo, World, world
from landed.content.repo import Repository
from landed.core.model import (
    Absent,
    Presence,
    Unseen,
)
from landed.core.seen import (
    Remote,
)
from landed.providers.git import remote

__all__ = ["world"]

MAIN = "refs/heads/main"
LINES = "".join(f"line {n}\n" for n in range(20))


def ask(here: Repo, commit: str = "HEAD", ref: str = MAIN, name: str = "origin") -> Remote:
    with Repository.open(here.root) as repo:
        found = remote.observe(repo, repo.resolve(commit), remote=name, ref=ref)
    assert isinstance(found, Remote), found
    return found


def unseen(here: Repo, timeout: float = 20) -> Unseen:
    with Repository.open(here.root) as repo:
        found = remote.observe(
            repo, repo.resolve("HEAD"), remote="origin", ref=MAIN, timeout=timeout
        )
    assert isinstance(found, Unseen), found
    return found


def colleague(bare: Repo, name: str = "colleague") -> Repo:
    """Somebody else's clone, whose commits are not known here."""
    other = bare.clone(name)
    other.minutes = 100
    return other


@pytest.fixture
def pair(world: World) -> tuple[Repo, Repo]:
    return world.pushed(a_py=LINES, b_py="b\n")


def test_a_pushed_commit_is_there(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    found = ask(here)
    head = here.git("rev-parse", "HEAD")
    assert (found.presence, found.in_history, found.tip) == (Presence.PRESENT, True, head)
    assert (found.unpushed, found.others, found.picks) == ((), (), False)
    assert (found.local_tip, found.local_contains) == (head, True)
    assert (found.remote, found.ref, found.url) == ("origin", MAIN, bare.root.as_uri())
    assert found.evidence[0].see == f"git ls-remote origin {MAIN}"
    assert found.evidence[0].facts["tip"] == head


def test_a_commit_that_is_only_here(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    one = here.commit(a_py=LINES + "more\n")
    two = here.commit(a_py=LINES + "even more\n")
    found = ask(here, one)
    assert (found.presence, found.in_history) == (Presence.ABSENT, False)
    assert found.unpushed == (two, one)
    assert found.local_contains is False


def test_a_remote_that_is_ahead_is_fetched_and_nothing_changes_here(
    pair: tuple[Repo, Repo],
) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py=LINES.replace("line 3\n", "fixed 3\n"))
    here.git("push", "-q")
    other = colleague(bare)
    tip = other.commit("more", c_py="c\n")
    other.git("push", "-q")
    found = ask(here, fix)
    assert (found.presence, found.in_history, found.tip) == (Presence.PRESENT, True, tip)
    assert found.local_tip == fix
    assert here.git("cat-file", "-t", tip, check=False) == ""
    assert here.git("rev-parse", "origin/main") == fix


def test_a_stale_tracking_ref_is_not_believed(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    first = here.git("rev-parse", "HEAD")
    fix = here.commit("fix", a_py="fixed\n")
    here.git("push", "-q")
    bare.git("update-ref", MAIN, first)
    found = ask(here, fix)
    assert (found.presence, found.tip) == (Presence.ABSENT, first)
    assert (found.local_tip, found.local_contains) == (fix, True)
    assert found.unpushed == (fix,)


def test_a_force_pushed_remote(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py="fixed\n")
    here.git("push", "-q")
    other = colleague(bare)
    other.git("reset", "-q", "--hard", "HEAD~1")
    other.commit("else", b_py="else\n")
    other.git("push", "-q", "--force")
    found = ask(here, fix)
    assert (found.presence, found.in_history, found.local_contains) == (
        Presence.ABSENT,
        False,
        True,
    )


def test_a_ref_that_the_remote_does_not_have(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    found = ask(here, ref="refs/heads/release")
    assert (found.tip, found.presence, found.in_history) == (None, Presence.ABSENT, False)
    assert [other.ref for other in found.others] == [MAIN]
    assert found.picks is False
    assert found.unpushed == ()


def test_a_tag_as_the_ref(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    here.git("tag", "-a", "-m", "x", "v1")
    here.git("push", "-q", "--tags")
    found = ask(here, ref="refs/tags/v1")
    assert (found.presence, found.tip) == (Presence.PRESENT, here.git("rev-parse", "HEAD"))


def test_the_change_is_on_another_branch(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    other = colleague(bare)
    other.git("checkout", "-q", "-b", "feature")
    here.git("checkout", "-q", "-b", "mine")
    fix = here.commit("fix", a_py="fixed\n")
    here.git("push", "-q", "origin", "mine")
    other.git("fetch", "-q")
    other.git("merge", "-q", "origin/mine")
    tip = other.commit("more", c_py="c\n")
    other.git("push", "-q", "origin", "feature")
    found = ask(here, fix)
    assert found.presence is Presence.ABSENT
    assert [(o.ref, o.tip) for o in found.others] == [
        ("refs/heads/feature", tip),
        ("refs/heads/mine", fix),
    ]
    assert found.picks is False


def test_a_cherry_pick_is_the_same_change(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py=LINES.replace("line 3\n", "fixed 3\n"))
    other = colleague(bare)
    other.commit("before", a_py="top\n" + LINES)
    other.git("fetch", "-q", str(here.root), "main")
    other.minutes += 1
    other.git("cherry-pick", "FETCH_HEAD")
    picked = other.git("rev-parse", "HEAD")
    other.commit("after", c_py="c\n")
    other.git("push", "-q")
    found = ask(here, fix)
    assert (found.presence, found.in_history) == (Presence.PRESENT, False)
    assert (found.equivalent, found.equivalent_by) == (picked, "patch id")
    assert found.unpushed == (fix,)


def test_a_rebase_is_the_same_change(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py=LINES.replace("line 3\n", "fixed 3\n"))
    other = colleague(bare)
    other.commit("else", b_py="else\n")
    other.git("push", "-q")
    here.git("fetch", "-q")
    here.minutes = 200
    here.git("rebase", "-q", "origin/main")
    here.git("push", "-q")
    found = ask(here, fix)
    assert (found.presence, found.equivalent_by) == (Presence.PRESENT, "patch id")
    assert found.equivalent == here.git("rev-parse", "HEAD")


def test_indentation_is_no_equal_patch(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", b_py="if x:\n    a\n    b\n")
    other = colleague(bare)
    other.commit("not the fix", b_py="if x:\n    a\nb\n")
    other.git("push", "-q")
    assert ask(here, fix).presence is Presence.ABSENT


def test_a_squash_of_several_commits(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    here.git("checkout", "-q", "-b", "feature")
    one = here.commit("one", b_py="1\n")
    two = here.commit("two", b_py="2\n", c_py="2\n")
    other = colleague(bare)
    other.git("fetch", "-q", str(here.root), "feature")
    other.git("merge", "-q", "--squash", "FETCH_HEAD")
    squashed = other.commit("squashed")
    other.commit("after", a_py="else\n")
    other.git("push", "-q")
    for commit in (one, two):
        found = ask(here, commit)
        assert (found.equivalent, found.equivalent_by, found.in_history) == (
            squashed,
            "squash",
            False,
        )
    assert ask(here, two).presence is Presence.PRESENT
    # The first commit's line was rewritten by the second: that arrived as well.
    assert ask(here, one).presence in (Presence.PRESENT, Presence.SUPERSEDED)


def test_equal_by_content_alone(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py=LINES.replace("line 3\n", "fixed 3\n"))
    other = colleague(bare)
    other.commit("before", b_py="else\n")
    brought = other.commit(
        "fix and more", a_py=LINES.replace("line 3\n", "fixed 3\n").replace("line 17\n", "17\n")
    )
    other.commit("after", a_py=(other.root / "a.py").read_text() + "end\n")
    other.git("push", "-q")
    found = ask(here, fix)
    assert found.presence is Presence.PRESENT
    assert (found.equivalent, found.equivalent_by) == (brought, "content")


def test_a_reverted_change_names_the_revert(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py=LINES.replace("line 3\n", "fixed 3\n"))
    here.git("push", "-q")
    other = colleague(bare)
    other.commit("between", a_py=(other.root / "a.py").read_text() + "end\n")
    other.minutes += 1
    other.git("revert", "--no-edit", fix)
    revert = other.git("rev-parse", "HEAD")
    other.commit("after", a_py="top\n" + (other.root / "a.py").read_text())
    other.git("push", "-q")
    found = ask(here, fix)
    assert (found.presence, found.in_history, found.undone_by) == (Presence.REVERTED, True, revert)


def test_a_reverted_cherry_pick(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py=LINES.replace("line 3\n", "fixed 3\n"))
    other = colleague(bare)
    other.git("fetch", "-q", str(here.root), "main")
    other.commit("before", b_py="else\n")
    other.minutes += 1
    other.git("cherry-pick", "FETCH_HEAD")
    other.minutes += 1
    other.git("revert", "--no-edit", "HEAD")
    other.git("push", "-q")
    found = ask(here, fix)
    assert (found.presence, found.in_history) == (Presence.REVERTED, False)
    assert found.undone_by == other.git("rev-parse", "HEAD")


def test_a_partial_revert_is_a_revert(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    fix = here.commit("fix", a_py="fixed\n", b_py="fixed\n")
    undone = here.commit("half back", b_py="b\n")
    here.git("push", "-q")
    found = ask(here, fix)
    assert (found.presence, found.undone_by) == (Presence.REVERTED, undone)
    assert "b.py" in found.evidence[0].facts["because"]


def test_a_revert_of_the_revert_brings_it_back(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    fix = here.commit("fix", a_py="fixed\n")
    for _ in range(2):
        here.minutes += 1
        here.git("revert", "--no-edit", "HEAD")
    here.git("push", "-q")
    found = ask(here, fix)
    assert (found.presence, found.undone_by) == (Presence.PRESENT, None)


def test_a_change_that_was_rewritten_later(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    fix = here.commit("fix", a_py="fixed\n")
    here.commit("again", a_py="quite another text\n")
    here.git("push", "-q")
    assert ask(here, fix).presence is Presence.SUPERSEDED


def test_a_file_that_was_removed_later(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    fix = here.commit("fix", a_py="fixed\n")
    (here.root / "a.py").unlink()
    here.commit("remove")
    here.git("push", "-q")
    assert ask(here, fix).presence is Presence.SUPERSEDED


def test_a_merge_commit_is_judged_by_what_it_brought(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    here.git("checkout", "-q", "-b", "side")
    here.commit("side", b_py="side\n")
    here.git("checkout", "-q", "main")
    here.commit("main", a_py="main\n")
    here.minutes += 1
    here.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merge = here.git("rev-parse", "HEAD")
    here.commit("after", c_py="c\n")
    here.git("push", "-q")
    assert ask(here, merge).presence is Presence.PRESENT
    here.minutes += 1
    here.git("revert", "--no-edit", "-m", "1", merge)
    here.git("push", "-q")
    found = ask(here, merge)
    assert (found.presence, found.undone_by) == (Presence.REVERTED, here.git("rev-parse", "HEAD"))


def test_an_empty_commit_is_judged_by_history(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    empty = here.commit("empty")
    assert ask(here, empty).presence is Presence.ABSENT
    here.commit("after", a_py="x\n")
    here.git("push", "-q")
    assert ask(here, empty).presence is Presence.PRESENT


def release(here: Repo, name: str) -> None:
    """A release branch on the remote that does not get what main gets."""
    here.git("branch", name)
    here.git("push", "-q", "origin", name)


@pytest.mark.parametrize(
    ("name", "picks"),
    [("release-1", True), ("rel/7", True), ("v1.2", True), ("hotfix", True), ("feature", False)],
)
def test_a_release_branch_gets_picks(pair: tuple[Repo, Repo], name: str, *, picks: bool) -> None:
    here, _ = pair
    release(here, name)
    fix = here.commit("fix", a_py="fixed\n")
    here.git("push", "-q", "origin", "main")
    found = ask(here, fix, ref=f"refs/heads/{name}")
    assert (found.presence, found.picks) == (Presence.ABSENT, picks)
    assert [o.ref for o in found.others] == [MAIN]


def test_a_branch_with_picked_commits_gets_picks(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    bare.git("symbolic-ref", "HEAD", "refs/heads/elsewhere")
    release(here, "customer")
    earlier = here.commit("earlier", b_py="earlier\n")
    fix = here.commit("fix", a_py="fixed\n")
    here.git("push", "-q", "origin", "main")
    assert ask(here, fix, ref="refs/heads/customer").picks is False
    here.git("checkout", "-q", "customer")
    here.commit("own", c_py="c\n")
    here.git("cherry-pick", earlier)
    here.git("push", "-q", "origin", "customer")
    assert ask(here, fix, ref="refs/heads/customer").picks is True


def test_a_shallow_clone_does_not_say_no(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py="fixed\n")
    here.commit("after", b_py="after\n")
    here.git("push", "-q")
    shallow = bare.clone("shallow", "--depth=1")
    assert ask(shallow).presence is Presence.PRESENT
    other = colleague(bare)
    other.commit("else", a_py="else\n")
    other.git("push", "-q", "--force", "origin", "HEAD:refs/heads/other")
    found = ask(shallow, ref="refs/heads/other")
    assert found.presence is Presence.UNKNOWN
    assert fix


def test_a_partial_clone_gets_the_contents_that_it_needs(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    fix = here.commit("fix", a_py=LINES.replace("line 3\n", "fixed 3\n"))
    here.git("push", "-q")
    other = colleague(bare)
    other.commit("after", a_py=(other.root / "a.py").read_text() + "end\n")
    other.git("push", "-q")
    partial = bare.clone("partial", "--filter=blob:none", "--no-checkout")
    assert ask(partial, fix).presence is Presence.PRESENT
    other.minutes += 1
    other.git("revert", "--no-edit", fix)
    other.git("push", "-q")
    assert ask(partial, fix).presence is Presence.REVERTED


def test_a_cherry_pick_seen_from_a_partial_clone(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    release(here, "release")
    fix = here.commit("fix", a_py=LINES.replace("line 3\n", "fixed 3\n"))
    here.git("push", "-q")
    here.git("checkout", "-q", "release")
    here.commit("own", b_py="own\n")
    here.git("cherry-pick", fix)
    here.git("push", "-q", "origin", "release")
    partial = bare.clone("partial", "--filter=blob:none", "--no-checkout")
    found = ask(partial, fix, ref="refs/heads/release")
    assert (found.presence, found.equivalent_by) == (Presence.PRESENT, "patch id")


def test_a_sha256_remote(world: World) -> None:
    bare = world.repo("r.git", "--bare", "--object-format=sha256")
    here = world.repo("r", "--object-format=sha256")
    fix = here.commit(a_py="1\n")
    here.git("remote", "add", "origin", str(bare.root))
    here.git("push", "-q", "origin", "main")
    other = Repo(world.folder / "o", 9)
    here.git("clone", "-q", str(bare.root), str(other.root))
    other.commit(b_py="2\n")
    other.git("push", "-q")
    assert ask(here, fix).presence is Presence.PRESENT


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_remote_that_refuses_is_unseen(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    with socket.socket() as taken:
        # It is bound and does not listen: nobody else gets it meanwhile.
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        url = f"http://somebody:hunter2@127.0.0.1:{port}/x.git?token=hunter3"
        here.git("remote", "set-url", "origin", url)
        found = unseen(here)
    assert found.hint
    words = str(found)
    assert "hunter" not in words
    assert "somebody" not in words


@pytest.mark.parametrize("scheme", ["http", "git"])
def test_a_silent_remote_costs_no_more_than_its_time(
    pair: tuple[Repo, Repo], silent: int, scheme: str
) -> None:
    here, _ = pair
    here.git("remote", "set-url", "origin", f"{scheme}://127.0.0.1:{silent}/x.git")
    began = time.monotonic()
    found = unseen(here, timeout=0.5)
    # The remote would be silent for ever; how busy the machine is is no matter here.
    assert time.monotonic() - began < 60
    assert "0.5 s" in found.reason


def test_a_remote_that_is_gone_is_unseen(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    bare.root.rename(bare.root.parent / "elsewhere")
    assert "did not answer" in unseen(here).reason


def test_credentials_in_the_url_are_not_shown(pair: tuple[Repo, Repo], world: World) -> None:
    here, bare = pair
    here.git(
        "config", f"url.{bare.root.as_uri()}.insteadOf", "https://user:hunter2@example.com/x.git"
    )
    here.git("remote", "set-url", "origin", "https://user:hunter2@example.com/x.git")
    found = ask(here)
    assert found.url == "https://example.com/x.git"
    assert "hunter2" not in str(found)
    assert world


def choose(here: Repo, name: str | None = None, ref: str | None = None) -> object:
    with Repository.open(here.root) as repo:
        return remote.choose(repo, name, ref)


def test_the_upstream_is_chosen(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    assert choose(here) == ("origin", MAIN)
    here.git("checkout", "-q", "-b", "side")
    here.git("push", "-q", "-u", "origin", "side:theirs")
    assert choose(here) == ("origin", "refs/heads/theirs")


def test_settings_come_first_and_short_refs_are_branches(pair: tuple[Repo, Repo]) -> None:
    here, _ = pair
    assert choose(here, None, "release") == ("origin", "refs/heads/release")
    assert choose(here, "origin", "refs/tags/v1") == ("origin", "refs/tags/v1")


def test_several_remotes_are_not_guessed_among(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    here.git("remote", "add", "fork", str(bare.root))
    found = choose(here)
    assert isinstance(found, Unseen)
    assert "remote = " in found.hint
    assert choose(here, "origin") == ("origin", MAIN)
    assert choose(here, "fork", "main") == ("fork", MAIN)
    unknown = choose(here, "nowhere")
    assert isinstance(unknown, Unseen)
    assert "fork, origin" in unknown.hint


def test_no_remote_is_absent(world: World) -> None:
    here = world.repo()
    here.commit(a_py="1\n")
    assert isinstance(choose(here), Absent)
    with Repository.open(here.root) as repo:
        found = remote.observe(repo, repo.resolve("HEAD"), remote="origin", ref=MAIN)
    assert isinstance(found, Absent)


def test_without_an_upstream_only_a_single_branch_or_a_detached_head_decides(
    pair: tuple[Repo, Repo],
) -> None:
    here, bare = pair
    here.git("branch", "--unset-upstream")
    assert choose(here) == ("origin", MAIN)
    bare.git("branch", "second", "main")
    found = choose(here)
    assert isinstance(found, Unseen)
    assert "ref = " in found.hint
    here.git("checkout", "-q", "--detach")
    assert choose(here) == ("origin", MAIN)


def test_an_unreachable_remote_cannot_be_chosen_from(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    here.git("branch", "--unset-upstream")
    bare.root.rename(bare.root.parent / "elsewhere")
    assert isinstance(choose(here), Unseen)


def test_a_relative_url_starts_at_the_root(pair: tuple[Repo, Repo]) -> None:
    here, bare = pair
    here.git("remote", "set-url", "origin", f"../{bare.root.name}")
    (here.root / "below").mkdir()
    with Repository.open(here.root / "below") as repo:
        found = remote.observe(repo, repo.resolve("HEAD"), remote="origin", ref=MAIN)
    assert isinstance(found, Remote)
    assert Path(here.root).exists()
