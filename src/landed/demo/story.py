"""The night of the incident, step by step. Each step is what somebody did, and what landed says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from landed.core.errors import DataError
from landed.core.model import Frozen
from landed.demo.stage import JOB, Stage

SCHOOL = "expression 'School' failed to locate a name"
MAPPERS = "mappers failed to initialize"
MODEL = "content_worker/models/organization.py"


class Step(Frozen):
    """A step: its title, what is told beforehand, what is done, and what the trace must say."""

    title: str
    told: str
    act: Callable[[Night], None]
    first_break: str | None
    diagnosis: str | None


class Night:
    """The rehearsal in progress: the stage, and where its words go."""

    def __init__(self, stage: Stage, say: Callable[[str], None]) -> None:
        self.stage = stage
        self.say = say
        self.digest = ""
        self._traced = 0

    def landed(self, *arguments: str) -> str:
        """Runs landed, and shows what it prints."""
        ran = self.stage.landed(*arguments)
        self.say(ran.out.rstrip() or ran.err.rstrip())
        return ran.out

    def build(self, *how: str) -> None:
        """Builds, and keeps the digest for the deployment."""
        arguments = ("cloud", "build", *how, "--tag", f"{JOB}:latest")
        self.landed(*arguments)
        self.digest = self._newest_digest()

    def _newest_digest(self) -> str:
        """The digest that the newest build pushed, from its own record."""
        builds = self.stage.work / ".landed" / "cloud" / "builds"
        newest = max(builds.iterdir())
        record = json.loads((newest / "build.json").read_text())
        return str(record["images"][0]["digest"])

    def deploy(self) -> None:
        """Pins the job to what was built last."""
        self.landed("cloud", "deploy", JOB, "--image", f"{JOB}@{self.digest}")

    def execute(self) -> None:
        """Runs the job, and shows what its log says went wrong, if something did."""
        self.landed("cloud", "execute", JOB, "--wait", "--quiet")
        logs = json.loads(self.stage.landed("cloud", "logs", JOB, "--json").out)
        last = logs["entries"][-1]["labels"]["run.googleapis.com/execution_name"]
        for entry in logs["entries"]:
            mine = entry["labels"]["run.googleapis.com/execution_name"] == last
            if mine and entry["severity"] in {"ERROR", "CRITICAL"}:
                message = str(entry["jsonPayload"]["message"]).strip().splitlines()[-1]
                # Its last clause, which is where the two errors of that night differ.
                told = message.split(". If this is")[0].rpartition(", ")[2]
                self.say(f"the log says: {told}")
                break

    def ship(self, *how: str) -> None:
        """Ships, and shows the steps as they were told, then the outcome."""
        ran = self.stage.landed("ship", *how)
        self.say(f"{ran.err.rstrip()}\n\n{ran.out.rstrip()}")

    def trace(self) -> dict[str, Any]:
        """What landed says, for the person, and as it was written down."""
        self.landed("trace")
        with self.stage.ledger() as ledger:
            written = ledger.newest(1, "trace")
        if not written or written[0].id <= self._traced:
            raise DataError("`landed trace` wrote nothing down", "see what it said above")
        self._traced = written[0].id
        return written[0].document()


def really_happened(night: Night) -> None:
    """A folder was uploaded, with a file in it that nobody ever committed."""
    night.stage.overlay("broken")
    night.stage.enqueue("fractions", "Sunrise Academy")
    night.stage.enqueue("photosynthesis", "Riverside")
    night.build("--source", "upload")
    # What nobody knew that night: which commit is this image, and what in it is of none?
    night.landed("identify", f".landed/cloud/images/{JOB}")
    night.deploy()
    night.execute()


def believed(night: Night) -> None:
    """The broken file is pushed, its fix is only committed, and the builder clones the remote."""
    stage = night.stage
    stage.commit("Organizations with their schools", MODEL)
    stage.git("push", "--quiet", "origin", "main")
    stage.overlay("fix")
    stage.commit("Take the missing School out of Organization", MODEL, fixes=SCHOOL)
    night.landed("check")
    night.build("--source", "remote")
    night.deploy()
    night.execute()


def pushed(night: Night) -> None:
    """Pushed and built again; nobody tells the job."""
    night.stage.git("push", "--quiet", "origin", "main")
    night.build("--source", "remote")
    night.execute()


def deployed(night: Night) -> None:
    """The job is pinned to the new image."""
    night.deploy()
    night.execute()


def shipped(night: Night) -> None:
    """One command: it stops at the commit that broke everything, and brings out the proper fix."""
    stage = night.stage
    night.ship("HEAD~1")
    stage.restore()
    stage.commit("A real School model, and no feature flags", "--all", fixes=MAPPERS)
    night.ship("--push")


STEPS = (
    Step(
        title="What really happened",
        told="`gcloud builds submit` uploads the folder, and a file that is in no commit goes with "
        "it. The build is green; every query fails.",
        act=really_happened,
        first_break="sourced",
        diagnosis="untracked-file",
    ),
    Step(
        title="What they believed had happened",
        told="The broken file is pushed now; its fix is committed, and not pushed. The builder "
        "clones the remote: green again, with the old code in it.",
        act=believed,
        first_break="pushed",
        diagnosis="commit-not-pushed",
    ),
    Step(
        title="Pushed, built again, and still the same error",
        told="The new image is there. The job is still pinned to the old one.",
        act=pushed,
        first_break="deployed",
        diagnosis="spec-not-updated",
    ),
    Step(
        title="Deployed, and it still fails",
        told="'School' is gone. Behind it stood 'FeatureFlag'. It looks as if the fix did not "
        "deploy; it did.",
        act=deployed,
        first_break="healed",
        diagnosis="next-bug",
    ),
    Step(
        title="The same night, with `landed ship`",
        told="First the commit that broke it all. Before anybody is served, its image checks "
        "itself and names every mistake at once: one build in place of eight. Then the proper fix.",
        act=shipped,
        first_break=None,
        diagnosis=None,
    ),
)
