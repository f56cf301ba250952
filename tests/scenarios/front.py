"""A shop whose worker is a service: it does its work when somebody asks for it."""

from __future__ import annotations

from landed.localcloud.cloud import LocalCloud
from scenarios.shop import JOB, Answer, Shop
from waiting import until

MAIN = """\
import http.server
import json
import os
import traceback

from app import job


def log(severity, message):
    print(json.dumps({"severity": severity, "message": message}), flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            log("INFO", job.run())
            status = 200
        except Exception as error:
            log("ERROR", f"a request failed\\n{traceback.format_exc()}")
            status = 500
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


job.START()
log("INFO", "front started")
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
SETTINGS = """\
[source]
remote = "origin"
ref = "refs/heads/main"

[deployables.worker]
expect = ["work done"]

[environments.dev]
services = {{ worker = "worker" }}
{more}"""
START = "\ndef START():\n    pass\n"


class Front(Shop):
    """The shop with a service in the place of its job."""

    settings_text = SETTINGS
    main = MAIN

    def write(self, path: str, text: str) -> None:
        """Writes a file of the work tree; a job may go without a START of its own."""
        needs = path == "app/job.py" and "START" not in text
        super().write(path, text + START if needs else text)

    def deploy(self, image: str, *, code: int = 0) -> Answer:
        """Makes a revision of an image, and waits until it is decided."""
        answer = self.landed("cloud", "deploy", JOB, "--service", "--image", image)
        assert answer.code == code, answer.err or answer.data
        return answer

    def execute(self) -> Answer:
        """Asks the service once, and waits until what it logs of that is in the log: it answers
        before.
        """
        before = self._logged()
        answer = self.landed("cloud", "request", JOB)
        if "status" in answer.data:
            until(lambda: self._logged() > before)
        return answer

    def _logged(self) -> int:
        """How many requests it has logged."""
        said = [one.get("jsonPayload", {}) for one in LocalCloud(self.cloud).services.logs(JOB)]
        return len([one for one in said if one and one["message"] != "front started"])

    def revisions(self) -> list[str]:
        """The names of the revisions, newest first."""
        return [one["name"] for one in self.landed("cloud", "traffic", JOB).data["revisions"]]

    def route(self, *shares: str) -> Answer:
        """Gives the traffic to these."""
        words = [word for share in shares for word in ("--to", share)]
        answer = self.landed("cloud", "traffic", JOB, *words)
        assert answer.code == 0, answer.err
        return answer

    def asked_all(self, *revisions: str) -> None:
        """Asks until each of these revisions has answered."""
        left = set(revisions)
        while left:
            left.discard(self.execute().data["revision"])

    def ended(self) -> None:
        """Waits until no instance runs any more."""

        def none() -> bool:
            told = self.landed("cloud", "traffic", JOB).data["revisions"]
            return not any(one["runs"] for one in told)

        until(none)

    def stop(self) -> None:
        """Ends every instance."""
        self.landed("cloud", "stop", JOB)
