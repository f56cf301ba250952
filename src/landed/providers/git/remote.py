"""Asks the remote itself whether the ref that the builder reads has the change."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime

from landed.content.git.process import redact
from landed.content.repo import Answer, Repository
from landed.core.clock import now
from landed.core.errors import ProviderError
from landed.core.model import (
    Absent,
    Evidence,
    Frozen,
    Presence,
    Station,
    Strength,
    Unseen,
)
from landed.core.seen import (
    Remote,
    RemoteBranch,
)
from landed.core.words import branch as said
from landed.core.words import command, listed
from landed.providers.git import arrival

_RELEASE = re.compile(r"(release|rel[/-]|stable|hotfix|maint).*|v?\d+(\.\w+)*")
_MOST_UNPUSHED = 1000
_MOST_BRANCHES = 50
_MOST_COMPARED = 3


def choose(
    repo: Repository, settings_remote: str | None, settings_ref: str | None, *, timeout: float = 20
) -> tuple[str, str] | Unseen | Absent:
    """The remote and the ref that the builder reads. Nothing is guessed among several."""
    remotes = repo.remotes()
    if settings_remote is not None and settings_remote not in remotes:
        return Unseen(
            reason=f"no remote is called `{settings_remote}`",
            hint=f"here are: {listed(sorted(remotes)) or 'none'}; mend [source] in landed.toml",
        )
    if not remotes:
        return Absent(
            reason="this repository has no remote",
            remedy="git remote add origin URL && git push -u origin HEAD",
        )
    if settings_remote is None and len(remotes) > 1:
        return Unseen(
            reason=f"several remotes ({listed(sorted(remotes))}), and which one builders read "
            "is not said",
            hint='say it in landed.toml: [source] remote = "…"',
        )
    remote = settings_remote or next(iter(remotes))
    if settings_ref:
        return remote, settings_ref if settings_ref.startswith(
            "refs/"
        ) else f"refs/heads/{settings_ref}"
    upstream = repo.upstream()
    if upstream and upstream[0] == remote:
        return upstream
    try:
        answer = repo.ls_remote(remotes[remote], timeout)
    except ProviderError as error:
        return Unseen(reason=error.message, hint=error.hint)
    if len(answer.branches) == 1:
        return remote, next(iter(answer.branches))
    branch = repo.head()[1]
    if not answer.branches and branch:
        # Nothing was pushed there yet: there is nothing to guess among.
        return remote, f"refs/heads/{branch}"
    if repo.head()[1] is None and answer.head:
        return remote, answer.head
    return Unseen(
        reason=f"{remote} has several branches, and which one builders read is not said",
        hint='say it in landed.toml: [source] ref = "…", or set the branch\'s upstream',
    )


def observe(
    repo: Repository, commit: str, *, remote: str, ref: str, timeout: float = 20
) -> Remote | Absent | Unseen:
    """The remote's own answer, asked now. What it has and this repository has not is fetched
    into a scratch repository.
    """
    url = repo.remotes().get(remote)
    if url is None:
        return Absent(
            reason=f"no remote is called `{remote}`", remedy=f"git remote add {remote} URL"
        )
    see = command("git", "ls-remote", remote, ref)
    asked_at = now()
    try:
        answer = repo.ls_remote(url, timeout)
        asked = _Asked(remote=remote, url=url, ref=ref, answer=answer, see=see, at=asked_at)
        tip = asked.tip
        if tip and repo.missing([tip] if tip != commit else []):
            repo.fetch(url, [tip], timeout)
        return _judge(repo, commit, asked, timeout)
    except ProviderError as error:
        facts = {"ref": ref, "asked": redact(url), "said": error.message}
        evidence = Evidence(
            station=Station.REMOTE,
            strength=Strength.RECORDED,
            facts=facts,
            see=see,
            observed_at=asked_at,
        )
        return Unseen(reason=error.message, hint=error.hint, evidence=(evidence,))


class _Asked(Frozen):
    """A question to a remote, and its answer."""

    remote: str
    url: str
    ref: str
    answer: Answer
    see: str
    at: datetime

    @property
    def tip(self) -> str | None:
        return self.answer.refs.get(self.ref)


def _judge(repo: Repository, commit: str, asked: _Asked, timeout: float) -> Remote:
    tip = asked.tip
    if tip:
        found = arrival.find(repo, commit, tip, arrival.Reader(repo, asked.url, timeout))
    else:
        found = arrival.Arrival(
            presence=Presence.ABSENT, because=f"there is no {said(asked.ref)}", in_history=False
        )
    others = () if found.in_history else _others(repo, commit, asked, timeout)
    local = repo.ref(f"refs/remotes/{asked.remote}/{said(asked.ref)}")
    contains = repo.is_ancestor(commit, local) if local else None
    facts = {
        "ref": asked.ref,
        "tip": tip,
        "asked": redact(asked.url),
        "default": asked.answer.head,
        "in history": found.in_history,
        "presence": found.presence.value,
        "because": found.because,
    }
    return Remote(
        remote=asked.remote,
        url=redact(asked.url),
        ref=asked.ref,
        tip=tip,
        presence=found.presence,
        in_history=found.in_history,
        equivalent=found.equivalent,
        equivalent_by=found.equivalent_by,
        undone_by=found.undone_by,
        unpushed=_unpushed(repo, commit, asked),
        others=others,
        picks=bool(tip) and _picks(repo, asked, others),
        local_tip=local,
        local_contains=contains,
        evidence=(
            Evidence(
                station=Station.REMOTE,
                strength=Strength.RECORDED,
                facts=facts,
                see=asked.see,
                observed_at=asked.at,
            ),
        ),
    )


def _unpushed(repo: Repository, commit: str, asked: _Asked) -> tuple[str, ...]:
    """What HEAD and the change have and the ref has not, newest first."""
    head, _ = repo.head()
    have = sorted({commit, head or commit} - {asked.tip})
    if not have:
        return ()
    if asked.tip:
        known = [asked.tip]
    else:
        branches = list(asked.answer.branches.values())
        known = sorted(set(branches) - repo.missing(branches))[:_MOST_BRANCHES]
    return tuple(repo.log(have, known, most=_MOST_UNPUSHED))


def _others(
    repo: Repository, commit: str, asked: _Asked, timeout: float
) -> tuple[RemoteBranch, ...]:
    """The other branches of the remote that have the commit in their history."""
    tips = {name: tip for name, tip in asked.answer.branches.items() if name != asked.ref}
    unknown = sorted(repo.missing(tips.values()))
    if unknown:
        # Branches that cannot be fetched are left out: they only add where the change is, too.
        with suppress(ProviderError):
            repo.fetch(asked.url, unknown[:_MOST_BRANCHES], timeout)
        unknown = sorted(repo.missing(unknown))
    known = {name: tip for name, tip in tips.items() if tip not in unknown}
    holders = repo.containing(commit, known) if known else set()
    first = asked.answer.head
    return tuple(
        RemoteBranch(ref=name, tip=known[name])
        for name in sorted(holders, key=lambda name: (name != first, name))
    )


def _picks(repo: Repository, asked: _Asked, others: tuple[RemoteBranch, ...]) -> bool:
    """Whether fixes reach the ref by cherry-pick from a branch that has the change."""
    for other in others[:_MOST_COMPARED]:
        own = repo.marked(asked.tip or "", other.tip)
        if any(line.startswith("=") for line in own):
            return True
        is_release = _RELEASE.fullmatch(said(asked.ref))
        if other.ref == asked.answer.head and (own or is_release):
            return True
    return False
