"""Which commits have just these contents at some paths."""

from __future__ import annotations

from pathlib import Path

from git_world import Repo
from landed.content.having import having
from landed.content.repo import Repository


def test_the_commits_that_have_these_contents_newest_first(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.root.mkdir()
    repo.git("init", "-q", "-b", "main")
    repo.git("config", "user.name", "A")
    repo.git("config", "user.email", "a@example.invalid")
    ids = []
    for job, other in (("one", ""), ("two", ""), ("one", "o"), ("two", "o"), ("two", "p")):
        repo.write("app/job.py", job.encode())
        if other:
            repo.write("app/other.py", other.encode())
        ids.append(repo.commit(f"{job} {other}"))
    with Repository.open(repo.root) as repository:
        one = repository.files(ids[0], ["app/job.py"])["app/job.py"].blob
        o = repository.files(ids[2], ["app/other.py"])["app/other.py"].blob

        def found(contents: dict[str, str | None], start: str = ids[-1]) -> list[str]:
            return having(repository, start, ["app"], contents)

        assert found({"app/job.py": one}) == [ids[2], ids[0]]
        assert found({"app/job.py": one, "app/other.py": None}) == [ids[0]]
        assert found({"app/job.py": one, "app/other.py": o}) == [ids[2]]
        assert found({"app/other.py": o}) == [ids[3], ids[2]]
        assert found({"app/other.py": o}, ids[2]) == [ids[2]]
        assert found({"app/job.py": "0" * 40}) == []
        assert found({"app/a\nb": one}) == []
        assert found({}) == []
