"""`landed init`: looks at the repository and writes a commented `landed.toml`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import click

from landed.cli.common import Speech, common
from landed.cli.init_text import Deployable, Found, environment, written
from landed.config import FILE_NAME, Settings, load
from landed.content.repo import Repository
from landed.core.errors import UsageError
from landed.core.words import command as command_of


@click.command("init")
@click.option("--local", "job", metavar="JOB", help="Set up environment `dev` on a local cloud.")
@click.option("--remote", help="The remote that builders read, where there are several.")
@click.option("--ref", help="The branch that builders read.")
@click.option(
    "--cloudbuild",
    metavar="[FILE]",
    is_flag=False,
    flag_value="",
    help="Add gate, revision label and `images:` to a Cloud Build file, instead.",
)
@click.option(
    "--landed",
    "--install",
    "supplied",
    metavar="WHAT",
    help="With --cloudbuild: an image by digest, a wheel's URL with its hash, or a git URL.",
)
@click.option("--deployable", help="With --local or --cloudbuild: which one, of several.")
@click.option("--yes", is_flag=True, help="With --cloudbuild: write without asking.")
@common
def command(
    job: str | None,
    remote: str | None,
    ref: str | None,
    cloudbuild: str | None,
    supplied: str | None,
    deployable: str | None,
    *,
    yes: bool,
    speech: Speech,
) -> int:
    """Writes a commented landed.toml at the top of the repository; never overwrites one.

    With --local, one that names no environment yet gets this one at its end.
    """
    if deployable and cloudbuild is None and job is None:
        hint = "landed init --local JOB --deployable NAME"
        raise UsageError("--deployable says what a job runs, or which build file it is", hint)
    if cloudbuild is not None:
        from landed.cli.init_cloudbuild import add  # noqa: PLC0415 - few need a YAML reader

        return add(cloudbuild, supplied, deployable, yes=yes, speech=speech)
    if job is not None:
        from landed.localcloud.cloud import job_name  # noqa: PLC0415 - only a rehearsal has one

        job_name(job)
    with Repository.open(Path.cwd()) as repository:
        if repository.root is None:
            raise UsageError("this repository is bare", "run `landed init` in a clone of it")
        target = speech.config_path or repository.root / FILE_NAME
        if target.exists():
            return _already(target, job, deployable, speech)
        found = look(repository, job, remote, ref)
        root = repository.root
    names = [one.name for one in found.deployables]
    bound = (_bound(job, names, deployable), job) if job else None
    text = written(found, bound)
    with target.open("x", encoding="utf-8") as file:
        file.write(text)
    name = bound[0] if bound else names[0] if len(names) == 1 else None
    if speech.json:
        speech.document(
            {
                "schema": "landed/init/v1",
                "written": True,
                "file": str(target),
                "deployable": name,
                "deployables": names,
                "environment": "dev" if job else None,
                "remote": found.remote,
                "ref": found.ref,
            }
        )
        return 0
    speech.say(f"wrote {target.name}: {', '.join(names)}, built from {_where(found)}")
    if bound and len(names) > 1:
        speech.say(f"  job {job} runs deployable {name}; a job for another one goes beside it")
    for line in _next(bound, several=len(names) > 1):
        speech.say(f"  {line}")
    for line in _warned(found, root, rehearsed=bool(job)):
        speech.aside(f"landed: {line}")
    return 0


def _bound(job: str, names: Sequence[str], chosen: str | None) -> str:
    """The deployable that a job runs. Raises UsageError where that would have to be guessed."""
    if chosen is not None and chosen not in names:
        raise UsageError(f"there is no deployable `{chosen}`", f"there are: {', '.join(names)}")
    if chosen or job in names or len(names) == 1:
        return chosen or (job if job in names else names[0])
    raise UsageError(
        f"which deployable does job `{job}` run? there are: {', '.join(names)}",
        command_of("landed", "init", "--local", job, "--deployable", names[0]),
    )


def _next(bound: tuple[str, str] | None, *, several: bool) -> list[str]:
    """What comes after landed.toml was written."""
    if not bound:
        return ["commit it and push it; then:", "  landed check", "  landed trace"]
    name, job = bound
    which = ["--deployable", name] if several else []
    build = command_of("landed", "cloud", "build", "--source", "remote", *which)
    return [
        "say in it what normal work looks like: expect",
        "commit it and push it; then:",
        "  landed check",
        f"  {command_of('landed', 'ship', *which)}",
        "or, step by step:",
        f"  {build} --tag {job}:latest",
        f"  landed cloud deploy {job} --image {job}:latest",
        f"  landed cloud execute {job} --wait",
        "  landed trace",
    ]


def _warned(found: Found, root: Path, *, rehearsed: bool) -> list[str]:
    """What its writer has to add, or what a local cloud in that folder could not build."""
    files = [PurePosixPath(one.folder, one.dockerfile) for one in found.deployables]
    if not found.dockerfiles:
        return [
            "there is no Dockerfile here, and no build without one: say in the file which it is"
        ]
    lines = []
    for file in files if rehearsed else ():
        if (root / file).is_file():
            text = (root / file).read_text(encoding="utf-8", errors="replace")
            if len(re.findall(r"(?mi)^\s*FROM\s", text)) > 1:
                lines.append(f"{file} has several stages, which the local cloud cannot build")
    return lines


def _where(found: Found) -> str:
    ref = (found.ref or "a ref that you still have to name").removeprefix("refs/heads/")
    return f"{ref} of {found.remote}" if found.remote else "a remote that you still have to name"


def _already(target: Path, job: str | None, deployable: str | None, speech: Speech) -> int:
    """There is a file: it stays as it is."""
    settings = load(target, target.parent).settings
    local = settings.environments.get("dev")
    if job and not settings.environments and settings.deployables:
        name = _bound(job, list(settings.deployables), deployable)
        return _added(target, name, job, settings, speech)
    if job and not (local and job in local.jobs.values()):
        names = list(settings.deployables)
        name = deployable or (job if job in names or not names else names[0])
        raise UsageError(
            f"{target.name} is there already, and names no job `{job}` in an environment `dev`",
            f"deployables are: {', '.join(names) or 'none yet'}; add to [environments.dev]: "
            f'jobs = {{ "{name}" = "{job}" }}',
        )
    if speech.json:
        speech.document({"schema": "landed/init/v1", "written": False, "file": str(target)})
    else:
        speech.say(f"{target.name} is there already; nothing was changed")
    return 0


def _added(target: Path, name: str, job: str, settings: Settings, speech: Speech) -> int:
    """The environment at the end of a file that has none yet."""
    with target.open("a", encoding="utf-8") as file:
        file.write(environment(name, job))
    if speech.json:
        speech.document(
            {
                "schema": "landed/init/v1",
                "written": True,
                "file": str(target),
                "deployable": name,
                "deployables": list(settings.deployables),
                "environment": "dev",
                "remote": settings.source.remote,
                "ref": settings.source.ref,
            }
        )
        return 0
    speech.say(f"added environment dev to {target.name}: job {job} runs deployable {name}")
    for line in _next((name, job), several=len(settings.deployables) > 1):
        speech.say(f"  {line}")
    return 0


def look(repository: Repository, job: str | None, remote: str | None, ref: str | None) -> Found:
    """What the repository says of itself. Raises UsageError where one of several remotes would
    have to be guessed.
    """
    remotes = repository.remotes()
    if remote and remote not in remotes:
        raise UsageError(f"there is no remote `{remote}`", f"there are: {', '.join(remotes)}")
    if not remote and len(remotes) > 1:
        raise UsageError(
            f"there are several remotes: {', '.join(sorted(remotes))}",
            "say which one builders read: landed init --remote NAME",
        )
    remote = remote or next(iter(remotes), None)
    root = repository.root or Path.cwd()
    dockerfiles = _dockerfiles(repository, root)
    own = re.sub(r"[^A-Za-z0-9_-]+", "-", root.name).strip("-") or "app"
    if len(dockerfiles) < 2:
        # There is nothing that it could be mistaken for.
        own = job or own
        names = dict.fromkeys(dockerfiles or ["Dockerfile"], own)
    else:
        names = _names(dockerfiles, own)
    found = []
    for path, name in names.items():
        folder, _, file = path.rpartition("/")
        image = _image(root, folder)
        found.append(Deployable(name=name, folder=folder or ".", dockerfile=file, image=image))
    return Found(
        deployables=tuple(found),
        remote=remote,
        ref=_ref(repository, remote, ref),
        dockerfiles=len(dockerfiles),
    )


def _names(dockerfiles: Sequence[str], own: str) -> dict[str, str]:
    """Each Dockerfile's name: that of its folder, or the way there where two are called the same;
    the repository's `own` for the one at the top.
    """
    ways = {path: path.rpartition("/")[0] for path in dockerfiles}
    last = {path: way.rpartition("/")[2] or own for path, way in ways.items()}
    called = Counter(last.values())
    return {
        path: name if called[name] == 1 else ways[path].replace("/", "-") or own
        for path, name in last.items()
    }


def _dockerfiles(repository: Repository, root: Path) -> list[str]:
    """Every tracked Dockerfile, and one at the top that is not committed yet."""
    head, _ = repository.head()
    tracked = repository.tree(head) if head else {}
    found = {path for path in tracked if path.rsplit("/", 1)[-1] == "Dockerfile"}
    if (root / "Dockerfile").is_file():
        found.add("Dockerfile")
    return sorted(found, key=lambda path: (path.count("/"), path))


def _ref(repository: Repository, remote: str | None, ref: str | None) -> str | None:
    """The branch that was named, else the remote's default, else the one that is checked out."""
    if ref:
        return ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    _, branch = repository.head()
    if remote is None:
        return None
    for name in ("main", "master"):
        if repository.ref(f"refs/remotes/{remote}/{name}"):
            return f"refs/heads/{name}"
    return f"refs/heads/{branch}" if branch else None


def _image(root: Path, folder: str) -> str | None:
    """The image that a cloudbuild file names, as a remark for the reader."""
    for file in sorted((root / folder).glob("cloudbuild*.y*ml")):
        text = file.read_text(encoding="utf-8", errors="replace")
        found = re.search(r"(?m)^images:\s*(?:\n\s*-\s*|\[\s*)[\"']?([^\s\"',\]]+)", text)
        if found:
            return found[1]
    return None
