"""A pipeline as a history of events, and what is really so at its end.

A tree is a mapping from path to content. Every event does what its real counterpart does to
trees, refs, digests and logs; nobody here knows of links, statuses or verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

Tree = Mapping[str, str]
FIX, CODE, DATA, SWEPT = "app/fix.py", "app/code.py", "app/data.json", "app/organization.py"
CARRIES = ("new", "rewritten")
NAMED, SIBLING, FRESH, NOISE = "School", "FeatureFlag", "Overflow", "Noise"


@dataclass(frozen=True)
class Commit:
    id: str
    parent: str | None
    tree: Tree
    at: int


@dataclass(frozen=True)
class Made:
    """A build: the tree that went in, the tree that came out, and what a label on it claims."""

    id: str
    kind: str
    source: Tree
    clone_of: str | None
    asked_for: str | None
    tip_then: str | None
    at: int
    state: str
    digest: str | None
    image: Tree
    claim: str | None


@dataclass(frozen=True)
class Run:
    id: str
    digest: str
    at: int
    state: str
    errors: tuple[str, ...]
    work: int
    entries: int


def digest_of(build: str, tree: Tree) -> str:
    return "sha256:" + sha256(f"{build}{sorted(tree.items())}".encode()).hexdigest()


@dataclass(frozen=True)
class Vigil:
    """A watch of so many hours, each with a look or, from the first on, without.

    `before` and `since` are executions, ten minutes apart: `.` is clean, `N` shows the named
    error, `O` one that is known, and `F` one that nobody has seen before.
    """

    due: int = 3
    looked: int = 3
    over: bool = True
    before: str = ".N..N.NO" * 3
    since: str = "." * 17


@dataclass(frozen=True)
class Second:
    """A second copy of the code in every image, as it was before the change: it `runs` in place of
    the other one, or lies idle. `told` says whether executions said which they loaded, `known`
    whether anybody could compare it, and `installed` whether an installer put it there.
    """

    runs: bool = True
    told: bool = True
    known: bool = True
    installed: bool = False


@dataclass
class World:
    """The history so far. Methods are events; each takes a minute or ten.

    `otherwise` says that the image was started with a command of the place's own.
    `mounted` is a volume with old code over the place where the image has its own; `covered` is
    one of which only the place is known. Of a service a run is a revision: `traffic` says which
    take how much, counted from the newest, and `unready` that the newest never did. Of `forgotten`
    runs nobody kept what they ran.
    """

    now: int = 0
    commits: dict[str, Commit] = field(default_factory=dict)
    head: str = ""
    change: str = ""
    dirt: dict[str, str | None] = field(default_factory=dict)
    main: str | None = None
    side: str | None = None
    builds: list[Made] = field(default_factory=list)
    tag: str | None = None
    tag_at: int = 0
    spec: str | None = None
    spec_at: int = 0
    by_tag: bool = False
    runs: list[Run] = field(default_factory=list)
    names_error: bool = True
    expects_work: bool = True
    watch: Vigil | None = None
    mounted: bool = False
    covered: bool = False
    otherwise: bool = False
    second: Second | None = None
    service: bool = False
    traffic: tuple[tuple[int, int], ...] = ((1, 100),)
    unready: bool = False
    taken: str | None = None
    dropped: tuple[str, ...] = ()
    forgotten: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    lying: frozenset[str] = frozenset()

    def tick(self, minutes: int = 10) -> int:
        self.now += minutes
        return self.now

    # Commits and refs

    def commit(self, **content: str) -> str:
        """A commit on top of HEAD; `fix="new"` is the change itself."""
        paths = {"fix": FIX, "code": CODE, "data": DATA}
        base = self.commits[self.head].tree if self.head else {FIX: "old", CODE: "0", DATA: "0"}
        tree = {**base, **{paths[name]: text for name, text in content.items()}}
        self.head = self._store(self.head or None, tree)
        return self.head

    def _store(self, parent: str | None, tree: Tree) -> str:
        name = sha256(f"{len(self.commits)}{parent}".encode()).hexdigest()[:40]
        self.commits[name] = Commit(name, parent, tree, self.tick())
        return name

    def fix(self) -> str:
        """The commit that is asked about."""
        self.change = self.commit(fix="new", code=f"fix{self.now}")
        return self.change

    def squash(self) -> None:
        """The remote takes the same content as a commit of its own."""
        if self.main and self.commits[self.main].tree != self.commits[self.head].tree:
            self.main = self._store(self.main, self.commits[self.head].tree)

    def push(self) -> None:
        self.main = self.head
        self.tick()

    def push_side(self) -> None:
        self.side = self.head
        self.tick()

    def force_back(self) -> None:
        """Somebody takes the newest commit off the remote's main."""
        if self.main:
            self.main = self.commits[self.main].parent
        self.tick()

    def ancestors(self, tip: str | None) -> list[str]:
        found = []
        while tip:
            found.append(tip)
            tip = self.commits[tip].parent
        return found

    def work_tree(self) -> Tree:
        tree = {**self.commits[self.head].tree, **self.dirt}
        return {path: text for path, text in tree.items() if text is not None}

    # Building and running

    def build(
        self,
        kind: str = "clone",
        *,
        of: str | None = None,
        state: str = "succeeded",
        pushes: bool = True,
        packs: Mapping[str, str | None] | None = None,
        moves_tag: bool = True,
        claim: str | None = None,
    ) -> None:
        """A build from the remote's main (or the commit `of`), or from the work tree."""
        tip = of or self.main
        if kind == "clone" and tip is None:
            return
        if kind == "clone" and tip is not None:
            source, dropped = self.commits[tip].tree, {}
        else:
            source, dropped = self.work_tree(), dict.fromkeys(self.dropped)
        source = {path: text for path, text in source.items() if path not in dropped}
        out = {**source, **(packs or {})}
        image = {path: text for path, text in out.items() if text is not None}
        name = f"b{len(self.builds)}"
        good = state == "succeeded" and pushes
        digest = digest_of(name, image) if good else None
        clone = kind == "clone"
        self.builds.append(
            Made(name, kind, source, tip if clone else None, self.main if clone else None,
                 self.main if clone else None, self.tick(), state, digest, image, claim)
        )  # fmt: skip
        if digest and moves_tag:
            self.tag, self.tag_at = digest, self.tick(1)

    def made(self, digest: str | None) -> Made | None:
        return next((b for b in self.builds if digest and b.digest == digest), None)

    def deploy(self, digest: str | None = None) -> None:
        """Pins the job to a digest, the newest image's unless another is given."""
        images = [b.digest for b in self.builds if b.digest]
        if digest or images:
            self.spec, self.by_tag = digest or images[-1], False
            self.spec_at, self.taken = self.tick(), self.spec

    def deploy_tag(self) -> None:
        if self.tag:
            self.by_tag, self.spec_at, self.taken = True, self.tick(), self.tag

    @property
    def deployed(self) -> str | None:
        """What a job's spec means now; a service's means what it took it for."""
        if self.service:
            return self.taken
        return self.tag if self.by_tag else self.spec

    @property
    def in_force(self) -> int:
        by_tag = self.by_tag and not self.service
        return max(self.spec_at, self.tag_at) if by_tag else self.spec_at

    def run(
        self,
        *errors: str,
        digest: str | None = None,
        state: str = "succeeded",
        work: int = 3,
        silence: bool = False,
    ) -> None:
        """An execution. Without the change the named error is what it runs into."""
        what = digest or self.deployed
        if what:
            entries = 0 if silence else len(errors) + work + 1
            shown, did = ((), 0) if silence else (errors, work)
            begun = self.tick()
            self.runs.append(Run(f"e{len(self.runs)}", what, begun, state, shown, did, entries))

    def forget(self) -> None:
        """The digest of the newest run so far is lost."""
        self.forgotten |= {self.runs[-1].id}

    # What is really so

    def carries(self, tree: Tree) -> bool:
        return tree.get(FIX) in CARRIES

    def had_change(self, run: Run) -> bool:
        """Whether what ran had the change."""
        made = self.made(run.digest)
        return bool(made and self.carries(made.image) and not (self.second and self.second.runs))

    @property
    def counting(self) -> list[tuple[Run, int | None]]:
        """What runs: the newest execution, or the revisions that take traffic with their shares."""
        if not self.service:
            return [(self.runs[-1], None)] if self.runs else []
        there = [(back, percent) for back, percent in self.traffic if back <= len(self.runs)]
        return [(self.runs[-back], percent) for back, percent in there]

    @property
    def newest_is_ready(self) -> bool:
        """Whether the newest revision is the one that was deployed last."""
        newest = self.runs[-1] if self.runs else None
        made = newest is not None and newest.digest == self.taken and newest.at > self.spec_at
        return made and not self.unready

    @property
    def deploying(self) -> bool:
        there = self.service and self.taken is not None
        return there and not self.newest_is_ready and not self.unready

    def running(self) -> Made | None:
        return self.made(self.counting[0][0].digest) if self.counting else None

    def all_running(self) -> list[Made | None]:
        return [self.made(run.digest) for run, _ in self.counting]

    @property
    def by_second(self) -> bool:
        """Whether a second copy of the code ran, and another was in its place. It is as before the
        change: where that is not in the image, the two are the same.
        """
        carried = any(made and self.carries(made.image) for made in self.all_running())
        return carried and self.second is not None and self.second.runs

    @property
    def outside(self) -> bool:
        """Whether what ran is not what the build put into the image."""
        return self.mounted or self.covered or self.otherwise or self.by_second

    @property
    def runs_change(self) -> bool:
        images = [made and self.carries(made.image) for made in self.all_running()]
        return bool(images) and all(images) and not self.outside

    def on_remote(self) -> set[str]:
        return {*self.ancestors(self.main), *self.ancestors(self.side)}

    @property
    def rebuildable(self) -> bool:
        """Is what runs the tree of some commit that the remote has now?"""
        trees = [self.commits[name].tree for name in self.on_remote()]
        images = [made and made.image in trees for made in self.all_running()]
        return bool(images) and all(images) and not self.outside

    @property
    def unbroken(self) -> bool:
        """Rebuildable, and nothing else went into the build either."""
        trees = [self.commits[name].tree for name in self.on_remote()]
        same = [m and m.image == m.source and m.source in trees for m in self.all_running()]
        return bool(same) and all(same) and not self.outside

    @property
    def named_error_shown(self) -> bool:
        return any(NAMED in run.errors for run, _ in self.counting)

    @property
    def named_error_before(self) -> bool:
        shown = [run.id for run, _ in self.counting]
        return any(NAMED in run.errors for run in self.runs if run.id not in shown)
