"""Histories with what the design says of them; above each, the sentence that decides it.

A row gives the script, the verdict, the first broken link, the answers (in there, by the book,
did it help: y, n, ?, or - where the design leaves it open), and the statuses that the design fixes.
"""

from __future__ import annotations

from dataclasses import dataclass

from landed.core.model import Link


@dataclass(frozen=True)
class Row:
    name: str
    script: str
    verdict: str
    breaks: str | None
    answers: str
    statuses: str
    through: Link = Link.HEALED


ALL_NINE = (
    "committed=holds pushed=holds sourced=holds built=holds packed=holds published=holds "
    "deployed=holds ran=holds healed=holds"
)
NOT_YET = "sourced=pending built=pending packed=pending published=pending"

TABLE = (
    # The design says "*proved* if all links up to `--through` (default `healed`) hold"; no watch:
    # `held` unseen
    Row("landed", "fix push clone deploy run",
        "proved", None, "yyy", f"{ALL_NINE} held=unseen"),
    # The design says "the builder took exactly that commit (or the upload equals it, file by
    # file)"
    Row("clean upload", "fix push upload deploy run", "proved", None, "yyy", ALL_NINE),
    # The design says "A clean upload whose commit was pushed later: yes, with a note."
    Row("uploaded, then pushed", "fix upload push deploy run", "proved", None, "yyy", ALL_NINE),
    # The design says "`pushed` holds as well for an equivalent: after a squash, rebase or cherry-
    # pick"
    Row("squashed", "fix squash clone deploy run", "proved", None, "yyy", ALL_NINE),
    # The design says "Rewritten later: yes, `superseded`."
    Row("rewritten", "fix rewrite push clone deploy run", "proved", None, "yyy", ALL_NINE),
    # The design says "`sourced`: the source is on the builder's ref, and contains the commit if
    # that ref does."
    Row("main moved on", "fix push clone later push deploy run", "proved", None, "yyy", ALL_NINE),
    # The design says "dirt that did not [go into the build] is a note"
    Row("dirt afterwards", "fix push clone deploy run edit", "proved", None, "yyy", ALL_NINE),
    # The design says "`held`: it stayed so through the watch, at every checkpoint"
    Row("watched", "fix push clone deploy run watched", "proved", None, "yyy",
        f"{ALL_NINE} held=holds", Link.HELD),
    # The design says "nothing new broke": noise that executions without the change have shown is
    # not new
    Row("known noise", "fix push clone deploy run-noise", "proved", None, "yyy", ALL_NINE),
    # The design says "no error named: unknown"
    Row("no error named", "fix push clone deploy run unnamed", "proved", None, "yy?", ALL_NINE),
    # The design says "The *answer* is yes only with a named error that is gone": it was never
    # there
    Row("never seen", "fresh fix push clone deploy run", "proved", None, "yy?", ALL_NINE),
    # The design says through before `ran`: later breaks do not count; "Links after a break are
    # judged all the same"
    Row("only as far as deployed", "fix push clone deploy run-named", "proved", None, "yyn",
        "deployed=holds healed=broken", Link.DEPLOYED),
    # The design says "*pending*: may still happen": nothing built yet, nothing deployed, nothing
    # executed
    Row("nothing built", "fresh fix push", "unproved", None, "n??",
        f"committed=holds pushed=holds {NOT_YET} deployed=pending ran=pending healed=pending"),
    # The design says "*pending*: may still happen": the build is under way
    Row("building", "fresh fix push building", "unproved", None, "n??",
        "pushed=holds built=pending deployed=pending ran=pending healed=pending"),
    # The design says "*pending*: may still happen": nothing deployed, nothing executed
    Row("not deployed", "fresh fix push clone", "unproved", None, "n??",
        "built=holds packed=holds published=holds deployed=pending ran=pending healed=pending"),
    # The design says "an execution started after that": the newest began before the deployment
    # came into force
    Row("not executed since", "fix push clone run-named deploy", "unproved", None, "ny-",
        "deployed=holds ran=pending healed=pending"),
    # The design says "*pending*: may still happen": it has not finished
    Row("executing", "fix push clone deploy running", "unproved", None, "yy?",
        "deployed=holds ran=pending"),
    # The design says "expected work is seen": it was not
    Row("idle", "fix push clone deploy run-idle", "unproved", None, "yy-",
        "ran=holds healed=unseen"),
    # The design says "silence is not success"
    Row("silent", "fix push clone deploy run-silent", "unproved", None, "yy-",
        "ran=holds healed=unseen"),
    # The design says no `expect` configured: healed unseen
    Row("nothing expected", "fix push clone deploy run unexpected", "unproved", None, "yy-",
        "ran=holds healed=unseen"),
    # The design says "asked of the remote itself"; "What could not be seen is never green."
    Row("no remote", "fix push clone deploy run dark-remote", "unproved", None, "y?-",
        "pushed=unseen sourced=unseen packed=holds ran=holds healed=holds"),
    # The design says "A probe that fails is `unseen`"
    Row("no log", "fix push clone deploy run dark-logs", "unproved", None, "yy?",
        "ran=holds healed=unseen"),
    # The design says "embedded stamps are claims"; helped "never unless *in there* is yes"
    Row("a label only", "fix push clone deploy run label-only", "unproved", None, "??-",
        "packed=unseen"),
    # The design says "`in check`, any dirt that the build would read breaks it; in `trace` the
    # same, while no build exists"
    Row("dirt, nothing built", "fresh fix push sweep", "broken", "committed", "n??",
        f"committed=broken pushed=holds {NOT_YET}"),
    # The design says "one fault breaks one link, not four"; by the book: "could anyone rebuild
    # what runs, *now*"
    Row("not pushed", "fix clone deploy run-named", "broken", "pushed", "nyn",
        "committed=holds sourced=holds built=holds packed=holds published=holds deployed=holds "
        "ran=holds healed=broken"),
    # The design says "the ref that the builder reads, **asked of the remote itself**, contains
    # the commit"
    Row("wrong branch", "fix side clone deploy run-named", "broken", "pushed", "nyn",
        "sourced=holds built=holds packed=holds"),
    # The design says "Reverted: no, though it is an ancestor."
    Row("reverted", "fix push revert push clone deploy run", "broken", "pushed", "ny-",
        "built=holds packed=holds deployed=holds ran=holds"),
    # The design says by the book: could anyone rebuild what runs, *now*, from the remote? Not any
    # more.
    Row("forced off", "fix push clone deploy run force-back", "broken", "pushed", "yn-",
        "built=holds packed=holds deployed=holds ran=holds"),
    # The design says "A clone built before the push: `earlier-build`."
    Row("cloned too early", "fix clone push deploy run-named", "broken", "sourced", "nyn",
        "pushed=holds built=holds packed=holds deployed=holds ran=holds"),
    # The design says "and contains the commit if that ref does"
    Row("never built", "fix push run-named", "broken", "sourced", "nyn",
        "pushed=holds built=holds packed=holds published=holds deployed=holds ran=holds"),
    # The design says "a dirty upload may be *in there* without being *by the book*"
    Row("dirty upload", "fix push sweep upload deploy run", "broken", "sourced", "yny",
        "pushed=holds built=holds packed=holds published=holds deployed=holds ran=holds "
        "healed=holds"),
    # The design says "the build of that source succeeded"; without an image: packed and published
    # skipped
    Row("build failed", "fix push build-fails", "broken", "built", "ny-",
        "pushed=holds sourced=holds packed=skipped published=skipped"),
    # The design says "and pushed something"
    Row("nothing pushed", "fix push build-empty", "broken", "built", "ny-",
        "pushed=holds sourced=holds packed=skipped published=skipped"),
    # The design says "the files in the image equal the commit's files"
    Row("cached layer", "fix push build-cached deploy run-named", "broken", "packed", "nnn",
        "sourced=holds built=holds published=holds deployed=holds ran=holds healed=broken"),
    # The design says "whatever its labels say"; "A stronger piece overrules a weaker one"
    Row("lying label", "fix push build-lied deploy run-named", "broken", "packed", "nnn",
        "sourced=holds built=holds published=holds deployed=holds ran=holds"),
    # The design says "`packed`: the image equals *its source*."
    Row("a file left out", "fix push build-short deploy run", "broken", "packed", "yny",
        "sourced=holds built=holds published=holds deployed=holds ran=holds healed=holds"),
    # The design says "the name that people deploy resolves to that digest"; "compare neighbours"
    Row("tag not moved", "fix push build-untagged deploy-tag run-named", "broken", "published",
        "nyn", "packed=holds deployed=holds ran=holds"),
    # The design says "the job or service that takes the work is pinned to that digest"
    Row("job not updated", "fix push clone run-named", "broken", "deployed", "nyn",
        "packed=holds published=holds ran=holds"),
    # The design says "an execution started after that, on that digest, and finished": on another
    Row("other digest ran", "fix push clone deploy run-old", "broken", "ran", "nyn",
        "published=holds deployed=holds"),
    # The design says "and finished": it failed
    Row("crashed", "fix push clone deploy run-crash", "broken", "ran", "yy-", "deployed=holds"),
    # The failure modes say `wrong-context` @packed: "the best-matching subtree is another one"
    Row("wrong folder", "fix push build-legacy deploy run-named", "broken", "packed", "nnn",
        "sourced=holds built=holds published=holds deployed=holds ran=holds"),
    # The design says "could anyone rebuild what runs, *now*, from the remote?" A branch will do.
    Row("built from a side branch", "fix side clone-side deploy run", "broken", "pushed", "yy-",
        "built=holds packed=holds published=holds deployed=holds ran=holds"),
    # The failure modes say `mount-hides-code` @ran: "a mount covers the application's path"
    Row("mounted over", "fix push clone deploy mounted run-named", "broken", "ran", "---",
        "deployed=holds"),
    # Of a volume only the place is known: what lies in it, nobody saw
    Row("covered by a volume", "fix push clone deploy covered run", "broken", "ran", "???",
        "deployed=holds"),
    # The failure modes say `package-not-reinstalled` @packed: "site-packages differs from the tree"
    Row("an installed copy ran", "fix push clone deploy installed run-named", "broken", "packed",
        "n?n", "published=holds deployed=holds ran=holds healed=broken"),
    # The start chose a copy that the build put nowhere
    Row("another copy ran", "fix push clone deploy second run-named", "broken", "ran", "n?n",
        "packed=holds deployed=holds healed=broken"),
    # Which of two copies ran, nobody could tell: never green
    Row("one of two copies ran", "fix push clone deploy second-untold run", "unproved", None, "???",
        "packed=unseen ran=unseen healed=holds"),
    Row("one of two ran, one is installed", "fix push clone deploy installed-untold run",
        "unproved", None, "???", "packed=unseen ran=holds healed=holds"),
    # What ran is known, and what is in that is not
    Row("a copy that nobody can compare ran", "fix push clone deploy second-strange run",
        "unproved", None, "???", "packed=holds ran=unseen"),
    Row("an installed one that nobody can compare", "fix push clone deploy installed-strange run",
        "unproved", None, "???", "packed=unseen ran=holds"),
    # A copy that is known not to run is no matter
    Row("an idle copy", "fix push clone deploy second-idle run", "proved", None, "yyy", ALL_NINE),
    # Of a command of the place's own nobody saw which code it runs
    Row("started otherwise", "fix push clone deploy otherwise run", "unproved", None, "?y?",
        "deployed=holds ran=unseen"),
    Row("started otherwise, and failed", "fix push clone deploy otherwise run-crash", "broken",
        "ran", "?y?", "deployed=holds"),
    # The design says "for a service: every serving revision"
    Row("served", "service fix push clone deploy run", "proved", None, "yyy", ALL_NINE),
    Row("served beside the old one", "service fix push clone deploy run split", "broken",
        "deployed", "nyn", "published=holds ran=holds healed=broken"),
    Row("served by two that have it", "service fix push clone deploy run later push clone deploy "
        "run split", "proved", None, "yyy", ALL_NINE),
    Row("one of the two still errs", "service fix push clone deploy run-named later push clone "
        "deploy run split", "broken", "healed", "yyn", "deployed=holds ran=holds"),
    # The failure modes say `traffic-pinned` @deployed: "serving revision is not the latest"
    Row("traffic pinned", "service fix push clone deploy run pinned", "broken", "deployed", "nyn",
        "published=holds ran=holds healed=broken"),
    # The failure modes say `auto-rollback` @deployed: "requested differs from running"
    Row("never ready", "service fix push clone deploy unready", "broken", "deployed", "nyn",
        "published=holds ran=holds healed=broken"),
    Row("nothing serves", "service fix push clone deploy unready no-traffic", "broken", "deployed",
        "n??", "published=holds ran=pending healed=pending"),
    # "*pending*: may still happen": the first revision is on its way
    Row("nothing serves yet", "service fix push clone deploy no-traffic", "unproved", None, "n??",
        "published=holds deployed=pending ran=pending"),
    # Nobody saw who deploys by that name: "what could not be seen is never green", nor red
    Row("the name is elsewhere, and the deployment is silent",
        "fix push build-untagged deploy run dark-deployment", "unproved", None, "yyy",
        "published=unseen deployed=unseen ran=unseen healed=holds"),
    # The failure modes say `not-restarted` @deployed: "start time before the push"
    Row("not restarted", "service deploy-tag run-named fix push clone", "broken", "deployed", "nyn",
        "published=holds ran=holds"),
    # "*pending*: may still happen": the new revision is on its way
    Row("being deployed", "service fix push clone deploy", "unproved", None, "ny?",
        "deployed=pending ran=holds healed=pending"),
    # The design says "shows none of the errors named for this change"
    Row("fix ineffective", "fix push clone deploy run-named", "broken", "healed", "yyn",
        "ran=holds"),
    # The design says "a fix may be in there, by the book, and not help because a second bug stood
    # behind"
    Row("next bug", "fix push clone deploy run-sibling", "broken", "healed", "yyn", "ran=holds"),
    # The design says "nothing new broke": an error that no execution without the change has shown
    Row("new error", "fix push clone deploy run-fresh", "broken", "healed", "yy-", "ran=holds"),
    # "In none of 3 before" has to be true of all that ran before: of one nobody knows what it ran
    Row("new, or on an unknown image before", "run-fresh forget fix push clone deploy run-fresh",
        "unproved", None, "yy?", "ran=holds healed=unseen"),
    Row("new, although an image is unknown", "forget run-noise fix push clone deploy run-fresh",
        "broken", "healed", "yy-", "ran=holds healed=broken"),
    # Whether the fix failed once, or the old code ran once more, nobody knows
    Row("shown before, on an unknown image as well", "forget run-named fix push clone deploy run",
        "proved", None, "yyy", ALL_NINE),
    Row("noise since, on an unknown image", "fix push clone deploy run-noise forget run",
        "proved", None, "yyy", ALL_NINE),
    Row("shown since, on an unknown image", "fix push clone deploy run-named forget run",
        "proved", None, "yy?", ALL_NINE),
    # The design says "*broken* if any link is broken"
    # "New identities are reported at once with their exposure": once is neither held nor worse
    Row("new error within the watch", "fix push clone deploy run newer", "unproved", None, "yyy",
        f"{ALL_NINE} held=unseen", Link.HELD),
    # "too few runs -> cannot tell yet"
    Row("too few runs", "fix push clone deploy run fewer", "unproved", None, "yyy",
        f"{ALL_NINE} held=unseen", Link.HELD),
    Row("the watch goes on", "fix push clone deploy run watching", "unproved", None, "yyy",
        f"{ALL_NINE} held=pending", Link.HELD),
    # "a checkpoint without an observation"
    Row("never looked", "fix push clone deploy run asleep", "broken", "held", "yy-",
        f"{ALL_NINE} held=broken"),
    Row("known noise, in every run", "fix push clone deploy run worse", "broken", "held", "yy-",
        f"{ALL_NINE} held=broken"),
    Row("came back", "fix push clone deploy run came-back", "broken", "held", "yy-",
        f"{ALL_NINE} held=broken"),
)  # fmt: skip
