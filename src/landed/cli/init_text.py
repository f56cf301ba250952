"""The text that `landed init` writes."""

from __future__ import annotations

import json

from landed.core.model import Frozen


class Deployable(Frozen):
    """What a Dockerfile builds; `image` is None where no Cloud Build file names one."""

    name: str
    folder: str
    dockerfile: str
    image: str | None


class Found(Frozen):
    """What init saw of a repository; None where it saw nothing, and will not guess. Without a
    Dockerfile one deployable is written all the same, for a person to fill in.
    """

    deployables: tuple[Deployable, ...]
    remote: str | None
    ref: str | None
    dockerfiles: int


def written(found: Found, bound: tuple[str, str] | None) -> str:
    """The text of landed.toml. `bound` is a deployable, and the job that runs it locally."""
    quoted = json.dumps

    def line(key: str, value: str | None, example: str) -> str:
        return f"{key} = {quoted(value)}" if value else f"# {key} = {quoted(example)}"

    text = f"""\
# landed.toml: what is built, from where, and where it runs. `landed check` and `landed trace`
# read it. Commit it with the code.

[source]
# What builders read. landed asks this remote itself, and guesses neither remote nor branch.
{line("remote", found.remote, "origin")}
{line("ref", found.ref, "refs/heads/main")}
# Whether builds clone the remote or take an upload of the folder ("clone" or "upload").
# builder = "clone"
{"".join(map(_table, found.deployables))}"""
    if bound:
        text += environment(*bound)
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


def _table(one: Deployable) -> str:
    quoted = json.dumps
    return f"""
[deployables.{quoted(one.name)}]
# The folder that is built, from the top of the repository, and the Dockerfile in it.
folder = {quoted(one.folder)}
dockerfile = {quoted(one.dockerfile)}
# The name that people deploy. Without it the job's own spec says which it is.
# image = {quoted(one.image or one.name + ":latest")}
# Regular expressions of log entries that show normal work. Without any, nobody can tell
# silence from success, and the link `healed` stays open.
expect = []
# A command that an image can check itself with. `landed ship` runs it before it deploys.
# smoke = ["python", "-m", "my_package", "check"]
"""


def environment(name: str, job: str) -> str:
    """A local cloud as environment `dev`."""
    runs = f"{{ {json.dumps(name)} = {json.dumps(job)} }}"
    return f"""
[environments.dev]
# A cloud on this disk: builder, image store, jobs and logs. It keeps itself out of git.
provider = "local"
cloud = ".landed/cloud"
jobs = {runs}
# A service that is asked, in place of a job:
# services = {runs}
"""
