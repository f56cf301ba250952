"""Finds the commit without an index: looks at some hundred trees instead of the whole history.

Few dates say where the files lie. Then the line of first parents is sampled, and sampled again
where it fits best; from the best commit the search goes on to its neighbours, on all branches.
What it finds is proved only by a certificate: the commit has every file whose content the
repository knows. Then none can have more.
"""

from __future__ import annotations

import heapq
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence

from landed.content.git.batch import Batch
from landed.content.identify.align import Placement, chosen, votes
from landed.content.identify.graph import Graph
from landed.content.identify.sought import Sought
from landed.content.identify.trees import Place, Reader, Scorer, listing
from landed.core.model import Frozen

_DATES = (0.0, 0.5, 0.25, 0.75, 0.12, 0.37, 0.62, 0.99)
_ENOUGH = 0.1
"""So much of what the repository knows has to be placed before no further date is looked at."""
_SKETCH, _IN_FOLDER, _FINALISTS = 120, 8, 4
_SAMPLES, _CLOSER = 40, 7
_CLIMB = 300
_SIDES, _NEAR, _NEAREST = 60, 250, 8
_TELLING, _STARTS = 24, 12
_VOTERS = 1500
_ELSEWHERE = 8
_MOST_TIES = 64
"""Of more commits that fit equally nobody could say that there are no others far away."""
_MANY_TIES = 2_000
_AROUND = 4
"""So far from an equal commit others are looked for: a change and its revert lie between them."""
_RARE, _FEW_COPIES = 8, 4
SMALL = 2_000
PATIENCE = 2.0


class Hit(Frozen):
    """The best commits found, by number in the graph; `score` of the `known` files are there.

    `complete` says that the search for equals came to an end, and was not given up.
    """

    placements: list[Placement]
    ties: list[int]
    score: int
    known: int
    complete: bool


class Search:
    """A search for some files in one history. `known` are the numbers of those files whose content
    the repository has.
    """

    def __init__(self, batch: Batch, graph: Graph, sought: Sought, known: Sequence[int]) -> None:
        self._read, self._graph, self._sought = Reader(batch), graph, sought
        self._known = known
        self._stride = max(1, len(known) // _VOTERS)
        self._width = graph.ids.shape[1]
        self._listed: dict[int, dict[bytes, bytes]] = {}
        self._scores: dict[int, int] = {}
        self._cast: dict[Placement, set[int]] = defaultdict(set)
        self._ends = time.monotonic() + PATIENCE

    def run(self, start: int, tips: Sequence[int]) -> Hit | None:
        """Searches the line behind `start`, then around the best, then other branches' tips."""
        line = self._graph.line(start)
        placements = self._placements(line)
        if not placements:
            # Nothing of today's line: a history that was imported, or left long ago.
            for side in sorted(self._sides(tips, line), key=len, reverse=True)[:_ELSEWHERE]:
                placements = self._placements(side)
                if placements:
                    line = side
                    break
        for _ in range(3):
            if not placements:
                return None
            hit = self._searched(line, placements, tips)
            if (hit.score == hit.known and hit.complete) or self._late():
                break
            # The best commit may show where the rest lies.
            again = list(self._placed_at(hit.ties[0]))
            if again == placements:
                break
            placements, self._scores = again, {}
        return hit

    def _searched(
        self, line: Sequence[int], placements: list[Placement], tips: Sequence[int]
    ) -> Hit:
        scorer, most = self._scorer(placements), self._most(placements)
        if len(self._graph.ids) <= SMALL:
            ties, complete = self._best_of_all(scorer), True
        else:
            best = self._sampled(line, placements, scorer)
            best = self._climbed(scorer, [best], most, _CLIMB)
            if self._scores[best] < most and not self._late():
                starts = self._other_lines(placements, scorer, tips, line, best)
                best = self._climbed(scorer, [best, *starts], most, 5 * _CLIMB)
            ties, complete = self._equal(scorer, best)
        return Hit(
            placements=placements,
            ties=ties,
            score=self._scores[ties[0]],
            known=most,
            complete=complete and not self._left_out(placements),
        )

    def _left_out(self, placements: Sequence[Placement]) -> bool:
        """Whether files that the repository knows lie in folders that nothing was placed in: then
        commits that differ in just these would all seem to fit.
        """
        copies, blobs = self._sought.copies, self._sought.blobs
        rare = [number for number in self._known if copies[blobs[number]] <= _FEW_COPIES]
        inside = self._inside(placements)
        return sum(number not in inside for number in rare) > max(2, len(rare) // 100)

    def _placements(self, line: Sequence[int]) -> list[Placement]:
        """From a vote at one date, and at more while it explains little."""
        found: dict[Placement, set[int]] = {}
        for date in _DATES:
            found = self._placed_at(line[min(int(len(line) * date), len(line) - 1)])
            if sum(map(len, found.values())) >= _ENOUGH * len(self._known) / self._stride:
                break
        return list(found)

    def _placed_at(self, commit: int) -> dict[Placement, set[int]]:
        """The placements and their files, by the votes at this commit and at those before it."""
        for placement, files in votes(self._where(commit)).items():
            self._cast[placement] |= files
        return chosen(self._cast, self._sought, self._stride)

    def _where(self, commit: int) -> Iterable[tuple[int, bytes, bytes]]:
        by_blob: dict[bytes, list[bytes]] = defaultdict(list)
        for path, blob in self._listing(commit).items():
            by_blob[blob].append(path)
        copies, blobs, paths = self._sought.copies, self._sought.blobs, self._sought.paths
        for number in self._known[:: self._stride]:
            places = by_blob.get(blobs[number], ())
            if len(places) <= _RARE and copies[blobs[number]] <= _FEW_COPIES:
                for place in places:
                    yield number, paths[number], place

    def _listing(self, commit: int) -> dict[bytes, bytes]:
        if commit not in self._listed:
            tree = self._graph.tree(commit)
            self._listed[commit] = listing(self._read, tree, self._width)
        return self._listed[commit]

    def _most(self, placements: Sequence[Placement]) -> int:
        """How many files the repository knows in the folders that were placed."""
        return len(self._inside(placements).intersection(self._known))

    def _inside(self, placements: Sequence[Placement]) -> set[int]:
        folders = {placement.image_path for placement in placements}
        return {number for folder in folders for number in self._sought.below(folder)}

    def _scorer(self, placements: Sequence[Placement], only: set[int] | None = None) -> Scorer:
        places: list[Place] = []
        files: list[int] = []
        for placement in placements:
            for number in self._known if only is None else only:
                path = placement.in_tree(self._sought.paths[number])
                if path is not None:
                    places.append((path, self._sought.blobs[number]))
                    files.append(number)
        return Scorer(self._read, places, files, self._width)

    def _sampled(self, line: Sequence[int], placements: list[Placement], full: Scorer) -> int:
        """The commit of the line that has most files, as far as samples show."""
        sketch = self._scorer(placements, self._sketch(placements))
        step = max(1, len(line) // _SAMPLES)
        places = sorted({*range(0, len(line), step), len(line) - 1})
        trees = [self._graph.tree(line[place]) for place in places]
        rough = dict(zip(places, sketch.scores(trees), strict=True))
        top = max(rough.values())
        near = [place for place, score in rough.items() if score == top]
        middle = near[len(near) // 2]
        bounds = sorted(rough, key=rough.__getitem__, reverse=True)[:_FINALISTS]
        self._score(full, [line[p] for p in bounds])
        exact: dict[int, int] = {p: self._scores[line[p]] for p in bounds}
        gap = step
        while True:
            top = max(exact.values())
            best = [place for place, score in exact.items() if score == top]
            # A plateau is looked at around its ends and its middle.
            best = sorted({best[0], best[len(best) // 2], best[-1], middle})
            if gap <= 1:
                break
            stride = max(1, gap // (_CLOSER + 1))
            near_by = {
                place + side * k * stride
                for place in best
                for side in (-1, 1)
                for k in range(1, gap // stride + 1)
            }
            fresh = sorted(p for p in near_by if 0 <= p < len(line) and p not in exact)
            self._score(full, [line[p] for p in fresh])
            exact |= {p: self._scores[line[p]] for p in fresh}
            gap = stride
            middle = best[0] if gap == 1 else max(exact, key=lambda p: exact[p])
        return line[max(exact, key=lambda p: exact[p])]

    def _sketch(self, placements: Sequence[Placement]) -> set[int]:
        """Some files that say when: first those that another date has with other content."""
        telling: dict[bytes, list[int]] = defaultdict(list)
        others: dict[bytes, list[int]] = defaultdict(list)
        for number in self._known:
            path, blob = self._sought.paths[number], self._sought.blobs[number]
            inner = [there for p in placements if (there := p.in_tree(path)) is not None]
            if not inner:
                continue
            changed = any(
                listed.get(there, blob) != blob
                for listed in self._listed.values()
                for there in inner
            )
            folders = telling if changed else others
            folders[path.rpartition(b"/")[0]].append(number)
        found: set[int] = set()
        for folders in (telling, others):
            for files in sorted(folders.values(), key=len, reverse=True):
                if len(found) < _SKETCH:
                    found.update(files[:: max(1, len(files) // _IN_FOLDER)][:_IN_FOLDER])
        return found

    def _score(self, scorer: Scorer, commits: Sequence[int]) -> None:
        fresh = [commit for commit in dict.fromkeys(commits) if commit not in self._scores]
        scores = scorer.scores([self._graph.tree(commit) for commit in fresh])
        self._scores |= dict(zip(fresh, scores, strict=True))

    def _climbed(self, scorer: Scorer, starts: Sequence[int], most: int, steps: int) -> int:
        """The best commit among neighbours of neighbours, the best ones asked first."""
        self._score(scorer, starts)
        seen = set(starts)
        heap = [(-self._scores[commit], commit) for commit in starts]
        heapq.heapify(heap)
        best = max(starts, key=self._scores.__getitem__)
        while heap and len(seen) < steps and self._scores[best] < most and not self._late():
            taken = [heapq.heappop(heap)[1] for _ in range(min(8, len(heap)))]
            fresh = [n for commit in taken for n in self._neighbours(commit) if n not in seen]
            self._score(scorer, fresh)
            for commit in fresh:
                if commit not in seen:
                    seen.add(commit)
                    heapq.heappush(heap, (-self._scores[commit], commit))
                    best = max(best, commit, key=self._scores.__getitem__)
        return best

    def _late(self) -> bool:
        """Whether reading the whole history would be no slower any more."""
        return time.monotonic() > self._ends

    def _neighbours(self, commit: int) -> list[int]:
        return [*self._graph.parents(commit), *self._graph.children(commit)]

    def _other_lines(
        self,
        placements: list[Placement],
        scorer: Scorer,
        tips: Sequence[int],
        line: Sequence[int],
        best: int,
    ) -> list[int]:
        """Commits of other branches that have what the best one of the line lacks.

        Asked are the branches that left the line near it, as pull requests do, and points on the
        longest, as release branches and imported histories are. Only some files are looked for.
        """
        lacking = sorted(set(self._known) - scorer.files(self._graph.tree(best)))
        telling = self._scorer(placements, set(lacking[:: len(lacking) // _TELLING + 1]))
        place = {commit: number for number, commit in enumerate(line)}
        at = place.get(best, 0)
        sides = self._sides(tips, line)
        of_side: dict[int, list[int]] = {}
        for side in sorted(sides, key=len, reverse=True)[:_SIDES]:
            of_side |= dict.fromkeys(side[:: len(side) // 8 + 1], side)
        for side in sides:
            if abs(place.get(int(self._graph.first[side[-1]]), -_NEAR) - at) < _NEAR:
                of_side |= {commit: side for commit in side[-_NEAREST:] if commit not in of_side}
        points = list(of_side)
        scores = telling.scores([self._graph.tree(commit) for commit in points])
        rows = sorted(range(len(points)), key=scores.__getitem__, reverse=True)
        top = [points[row] for row in rows[:_STARTS] if scores[row]]
        self._score(scorer, top)
        longer = {tuple(of_side[commit]) for commit in top[:3] if len(of_side[commit]) > _NEAREST}
        return top + [
            self._sampled(side, placements, scorer) for side in longer if not self._late()
        ]

    def _sides(self, tips: Sequence[int], line: Sequence[int]) -> list[list[int]]:
        """The lines of first parents from other tips to where they meet one that is known."""
        seen = set(line)
        first = self._graph.line_of
        sides: list[list[int]] = []
        for tip in tips:
            side: list[int] = []
            commit = tip
            while commit >= 0 and commit not in seen:
                seen.add(commit)
                side.append(commit)
                commit = first[commit]
            if side:
                sides.append(side)
        return sides

    def _best_of_all(self, scorer: Scorer) -> list[int]:
        """A small history is asked as a whole."""
        every = range(len(self._graph.ids))
        self._score(scorer, every)
        top = max(self._scores[commit] for commit in every)
        return [commit for commit in every if self._scores[commit] == top]

    def _equal(self, scorer: Scorer, best: int) -> tuple[list[int], bool]:
        """All commits that have as many files, as far as they can be reached from this one."""
        top = self._scores[best]
        far = {best: 0}
        open_ = [best]
        ties = open_
        while open_:
            ties = sorted(c for c in far if self._scores[c] == top)
            if len(ties) > _MANY_TIES:
                return ties, False
            fresh: dict[int, int] = {}
            for commit in open_:
                near = self._neighbours(commit)
                if self._scores[commit] == top:
                    near += self._graph.same_tree(commit)
                for other in near:
                    if far[commit] < _AROUND and far.get(other, _AROUND + 1) > far[commit] + 1:
                        fresh[other] = min(fresh.get(other, _AROUND), far[commit] + 1)
            self._score(scorer, list(fresh))
            for commit in fresh:
                if self._scores[commit] == top:
                    fresh[commit] = 0
            open_ = [c for c, distance in fresh.items() if far.get(c, _AROUND + 1) > distance]
            far |= {c: fresh[c] for c in open_}
        return ties, len(ties) <= _MOST_TIES
