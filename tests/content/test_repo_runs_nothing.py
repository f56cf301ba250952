"""What an inspected repository configures never runs: each test plants a trap, and looks for it.

`test_the_traps_work` shows that plain git falls into such traps, so that an untouched trap tells
something.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from git_world import Repo, World, world
from landed.content.repo import Repository
from landed.core.errors import LandedError
from landed.core.model import (
    Unseen,
)
from landed.core.seen import (
    WorkTree,
)
from landed.providers.git import remote, work_tree

__all__ = ["world"]

TRAPS = {
    "core.fsmonitor": "{trap}",
    "filter.evil.clean": "{trap}",
    "filter.evil.smudge": "{trap}",
    "filter.evil.process": "{trap}",
    "diff.external": "{trap}",
    "diff.evil.textconv": "{trap}",
    "diff.evil.command": "{trap}",
    "merge.evil.driver": "{trap}",
    "core.sshCommand": "{trap}",
    "core.gitProxy": "{trap}",
    "core.askPass": "{trap}",
    "core.pager": "{trap}",
    "core.editor": "{trap}",
    "core.hooksPath": "{folder}",
    "core.alternateRefsCommand": "{trap}",
    "credential.helper": "!{trap}",
    "gpg.program": "{trap}",
    "log.showSignature": "true",
    "alias.status": "!{trap}",
    "alias.ls-remote": "!{trap}",
    "alias.rev-parse": "!{trap}",
    "trailer.fixes.command": "{trap}",
    "uploadpack.packObjectsHook": "{trap}",
    "remote.origin.uploadpack": "{trap}",
    "remote.origin.vcs": "ext",
    "remote.origin.promisor": "true",
    "protocol.ext.allow": "always",
    "submodule.recurse": "true",
}
HOOKS = (
    "post-index-change",
    "post-checkout",
    "reference-transaction",
    "pre-auto-gc",
    "fsmonitor-watchman",
)


def look_at_everything(root: Path) -> None:
    """All that landed does with a repository."""
    with Repository.open(root) as repo:
        head, _ = repo.head()
        assert head
        repo.commit(repo.resolve("HEAD"))
        repo.read(f.blob for f in repo.tree(head).values())
        repo.read(["f" * 40])
        repo.changed_paths(head)
        if not repo.partial:
            repo.patches([head])
        repo.merge3(b"a\n", b"b\n", b"c\n")
        work_tree.observe(repo, build_reads=lambda _: True, upload_rule=lambda _: "")
        for name in repo.remotes():
            remote.observe(repo, head, remote=name, ref="refs/heads/main", timeout=10)
        for name, url in repo.remotes().items():
            try:
                repo.fetch(url, [f"refs/heads/{name}", "refs/heads/main"], 10)
            except LandedError:
                continue


def dirty(here: Repo) -> None:
    """Makes git want to run filters and drivers: attributes, and files that have to be read."""
    here.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")
    here.commit(b_py="b\n")
    here.write("a.py", "other\n")
    here.write("b.py", "c\n")


def test_the_traps_work(world: World) -> None:
    here = world.repo()
    trap, marker = world.trap("plain")
    dirty(here)
    here.git("config", "core.fsmonitor", str(trap))
    here.git("status")
    assert marker.exists()


@pytest.mark.parametrize("key", TRAPS)
def test_nothing_configured_runs(world: World, key: str) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("key")
    dirty(here)
    here.git("config", key, TRAPS[key].format(trap=trap, folder=trap.parent))
    look_at_everything(here.root)
    assert not marker.exists()


def test_all_of_it_from_an_included_file(world: World) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("include")
    dirty(here)
    for key, value in TRAPS.items():
        here.git("config", "-f", "evil.conf", key, value.format(trap=trap, folder=trap.parent))
    here.git("config", "include.path", "../evil.conf")
    look_at_everything(here.root)
    assert not marker.exists()


def test_all_of_it_for_one_work_tree(world: World) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("worktree")
    dirty(here)
    here.git("config", "extensions.worktreeConfig", "true")
    for key, value in TRAPS.items():
        here.git("config", "--worktree", key, value.format(trap=trap, folder=trap.parent))
    look_at_everything(here.root)
    assert not marker.exists()


def test_no_hook_runs(world: World) -> None:
    here, _ = world.pushed()
    _, marker = world.trap("hook")
    trap, _ = world.trap("hook")
    dirty(here)
    for name in HOOKS:
        hook = here.root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_bytes(trap.read_bytes())
        hook.chmod(0o755)
    look_at_everything(here.root)
    assert not marker.exists()


def test_an_ext_url_does_not_run(world: World) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("ext")
    here.git("config", "protocol.ext.allow", "always")
    here.git("config", "remote.origin.url", f"ext::{trap} %S")
    look_at_everything(here.root)
    assert not marker.exists()


def test_an_ext_url_behind_a_rewritten_one_does_not_run(world: World) -> None:
    here, bare = world.pushed()
    trap, marker = world.trap("rewritten")
    here.git("config", "protocol.ext.allow", "always")
    here.git("config", f"url.ext::{trap} .insteadOf", bare.root.as_uri())
    with Repository.open(here.root) as repo:
        found = remote.observe(repo, repo.resolve("HEAD"), remote="origin", ref="refs/heads/main")
    assert isinstance(found, Unseen)
    assert "would run a program" in found.hint
    look_at_everything(here.root)
    assert not marker.exists()


@pytest.mark.parametrize("url", ["--upload-pack={trap}", "ssh://-oProxyCommand={trap}/x"])
def test_a_url_that_looks_like_an_option_does_not_run(world: World, url: str) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("option")
    here.git("config", "remote.origin.url", url.format(trap=trap))
    look_at_everything(here.root)
    assert not marker.exists()


def test_an_ssh_remote_does_not_use_the_repositorys_ssh_command(world: World) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("ssh")
    here.git("config", "core.sshCommand", str(trap))
    here.git("config", "remote.origin.url", "ssh://git@127.0.0.1:1/x.git")
    with Repository.open(here.root) as repo:
        found = remote.observe(repo, repo.resolve("HEAD"), remote="origin", ref="refs/heads/main")
    assert isinstance(found, Unseen)
    assert "core.sshcommand" in found.hint
    assert "git config --global core.sshCommand" in found.hint
    assert not marker.exists()


def test_the_users_own_ssh_command_does_run(world: World) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("own")
    subprocess.run(["git", "config", "--global", "core.sshCommand", str(trap)], check=True)
    here.git("config", "remote.origin.url", "ssh://git@127.0.0.1:1/x.git")
    with Repository.open(here.root) as repo:
        remote.observe(repo, repo.resolve("HEAD"), remote="origin", ref="refs/heads/main")
    assert marker.exists()


def test_not_even_the_users_own_filters_run(world: World) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("filter")
    dirty(here)
    for key in ("filter.evil.clean", "filter.evil.smudge", "core.fsmonitor", "diff.external"):
        subprocess.run(["git", "config", "--global", key, str(trap)], check=True)
    look_at_everything(here.root)
    assert not marker.exists()
    here.git("status", check=False)
    assert marker.exists(), "plain git would have run it"


def test_an_ext_url_does_not_run_where_the_user_allows_them_either(world: World) -> None:
    here, _ = world.pushed()
    trap, marker = world.trap("allowed")
    subprocess.run(["git", "config", "--global", "protocol.ext.allow", "always"], check=True)
    here.git("config", "remote.origin.url", f"ext::{trap} %S")
    look_at_everything(here.root)
    assert not marker.exists()
    here.git("ls-remote", check=False)
    assert marker.exists(), "plain git would have run it"


def test_a_promisor_that_runs_a_program_is_not_asked(world: World) -> None:
    here, bare = world.pushed()
    trap, marker = world.trap("promisor")
    partial = bare.clone("partial", "--filter=blob:none", "--no-checkout")
    partial.git("config", "remote.origin.uploadpack", str(trap))
    partial.git("read-tree", "HEAD")
    look_at_everything(partial.root)
    assert not marker.exists()
    partial.git("cat-file", "-p", "HEAD:a.py", check=False)
    assert marker.exists(), "plain git would have run it"
    assert here.root


def test_nothing_a_submodule_configures_runs(world: World) -> None:
    inner = world.repo("inner")
    inner.commit(a_py="1\n", _gitattributes="* filter=evil\n")
    here, _ = world.pushed()
    here.git("submodule", "add", "-q", inner.root.as_uri(), "lib")
    here.commit()
    trap, marker = world.trap("submodule")
    inside = Repo(here.root / "lib", 3)
    for key, value in TRAPS.items():
        inside.git("config", key, value.format(trap=trap, folder=trap.parent))
    marker.unlink(missing_ok=True)
    inside.write("a.py", "other\n")
    with Repository.open(here.root) as repo:
        found = work_tree.observe(repo, build_reads=lambda _: True, upload_rule=lambda _: "")
    assert isinstance(found, WorkTree)
    assert [d.path for d in found.dirt] == ["lib/a.py"]
    assert not marker.exists()
    here.git("status", check=False)
    assert marker.exists(), "plain git would have run it"
