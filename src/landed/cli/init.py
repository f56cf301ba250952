"""`landed init`: looks at the repository and writes a commented `landed.toml`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from landed.cli.common import Speech, common
from landed.config import FILE_NAME, load
from landed.content.repo import Repository
from landed.core.errors import UsageError
from landed.core.model import Frozen


class Found(Frozen):
    """What init saw of a repository; None where it saw nothing, and will not guess."""

    name: str
    folder: str
    dockerfile: str
    remote: str | None
    ref: str | None
    image: str | None
    dockerfiles: tuple[str, ...]


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
@click.option("--deployable", help="With --cloudbuild: which one, where there are several.")
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
    """Writes a commented landed.toml at the top of the repository; never overwrites one."""
    if cloudbuild is not None:
        from landed.cli.init_cloudbuild import add  # noqa: PLC0415 - few need a YAML reader

        return add(cloudbuild, supplied, deployable, yes=yes, speech=speech)
    with Repository.open(Path.cwd()) as repository:
        if repository.root is None:
            raise UsageError("this repository is bare", "run `landed init` in a clone of it")
        target = speech.config_path or repository.root / FILE_NAME
        if target.exists():
            return _already(target, job, speech)
        found = look(repository, job, remote, ref)
    text = write(found, job)
    with target.open("x", encoding="utf-8") as file:
        file.write(text)
    if speech.json:
        speech.document(
            {
                "schema": "landed/init/v1",
                "written": True,
                "file": str(target),
                "deployable": found.name,
                "environment": "dev" if job else None,
                "remote": found.remote,
                "ref": found.ref,
            }
        )
        return 0
    speech.say(f"wrote {target.name}: {found.name}, built from {_where(found)}")
    if job:
        speech.say("  say in it what normal work looks like: expect")
    speech.say("  commit it and push it; then:")
    speech.say("    landed check")
    if job:
        speech.say("    landed ship")
        speech.say("  or, step by step:")
        speech.say(f"    landed cloud build --source remote --tag {job}:latest")
        speech.say(f"    landed cloud deploy {job} --image {job}:latest")
        speech.say(f"    landed cloud execute {job} --wait")
    speech.say("    landed trace")
    if len(found.dockerfiles) > 1:
        speech.aside(f"landed: there are several Dockerfiles: {', '.join(found.dockerfiles)}")
    return 0


def _where(found: Found) -> str:
    ref = (found.ref or "a ref that you still have to name").removeprefix("refs/heads/")
    return f"{ref} of {found.remote}" if found.remote else "a remote that you still have to name"


def _already(target: Path, job: str | None, speech: Speech) -> int:
    """There is a file: it stays as it is."""
    settings = load(target, target.parent).settings
    local = settings.environments.get("dev")
    if job and not (local and job in local.jobs.values()):
        raise UsageError(
            f"{target.name} is there already, and names no job `{job}` in an environment `dev`",
            f'add a table [environments.dev] with jobs = {{ "{job}" = "{job}" }}',
        )
    if speech.json:
        speech.document({"schema": "landed/init/v1", "written": False, "file": str(target)})
    else:
        speech.say(f"{target.name} is there already; nothing was changed")
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
    chosen = _choose(dockerfiles, job)
    folder, _, dockerfile = chosen.rpartition("/")
    return Found(
        name=job or re.sub(r"[^A-Za-z0-9_-]+", "-", root.name).strip("-") or "app",
        folder=folder or ".",
        dockerfile=dockerfile,
        remote=remote,
        ref=_ref(repository, remote, ref),
        image=_image(root, folder),
        dockerfiles=tuple(dockerfiles),
    )


def _dockerfiles(repository: Repository, root: Path) -> list[str]:
    """Every tracked Dockerfile, and one at the top that is not committed yet."""
    head, _ = repository.head()
    tracked = repository.tree(head) if head else {}
    found = {path for path in tracked if path.rsplit("/", 1)[-1] == "Dockerfile"}
    if (root / "Dockerfile").is_file():
        found.add("Dockerfile")
    return sorted(found, key=lambda path: (path.count("/"), path))


def _choose(dockerfiles: list[str], job: str | None) -> str:
    """The one at the top, else the one in a folder that is named as the job, else the first."""
    named = [path for path in dockerfiles if job and path.split("/")[-2:-1] == [job]]
    if "Dockerfile" in dockerfiles or not dockerfiles:
        return "Dockerfile"
    return (named or dockerfiles)[0]


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


def write(found: Found, job: str | None) -> str:
    """The text of landed.toml."""
    quoted = json.dumps

    def line(key: str, value: str | None, example: str) -> str:
        return f"{key} = {quoted(value)}" if value else f"# {key} = {quoted(example)}"

    named = f"# image = {quoted(found.image or found.name + ':latest')}"
    text = f"""\
# landed.toml: what is built, from where, and where it runs. `landed check` and `landed trace`
# read it. Commit it with the code.

[source]
# What builders read. landed asks this remote itself, and guesses neither remote nor branch.
{line("remote", found.remote, "origin")}
{line("ref", found.ref, "refs/heads/main")}
# Whether builds clone the remote or take an upload of the folder ("clone" or "upload").
# builder = "clone"

[deployables.{quoted(found.name)}]
# The folder that is built, from the top of the repository, and the Dockerfile in it.
folder = {quoted(found.folder)}
dockerfile = {quoted(found.dockerfile)}
# The name that people deploy. Without it the job's own spec says which it is.
{named}
# Regular expressions of log entries that show normal work. Without any, nobody can tell
# silence from success, and the link `healed` stays open.
expect = []
# A command that an image can check itself with. `landed ship` runs it before it deploys.
# smoke = ["python", "-m", "my_package", "check"]
"""
    if job:
        text += f"""
[environments.dev]
# A cloud on this disk: builder, image store, jobs and logs. It keeps itself out of git.
provider = "local"
cloud = ".landed/cloud"
jobs = {{ {quoted(found.name)} = {quoted(job)} }}
# A service that is asked, in place of a job:
# services = {{ {quoted(found.name)} = {quoted(job)} }}
"""
    return (
        text
        + """
# Where it runs on Google Cloud. The token is your shell's own and never stands here.
# [environments.production]
# provider = "gcp"
# project = "my-project"
# region = "europe-west1"
# jobs = { my-deployable = "my-job" }

# Errors that changes are meant to stop. A commit can name its own as well, with a line
# `Landed-Fixes: words of the message` at the end of its message.
# [[errors]]
# name = "School mapper"
# contains = "expression 'School' failed to locate a name"
"""
    )
