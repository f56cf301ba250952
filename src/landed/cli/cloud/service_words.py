"""How `landed cloud` says how a service stands: as words, or as one JSON document."""

from __future__ import annotations

from typing import Any

from landed.cli.common import Speech
from landed.core.words import clock, printable, short
from landed.localcloud.standing import Revision, Service
from landed.render.document import plain


def tell_revision(service: Service, made: Revision, speech: Speech) -> None:
    """What a deployment made of a service."""
    if speech.json:
        tell_service(service, speech)
        return
    name = made.record.name
    if made.state != "READY":
        speech.say(f"revision {name} is not ready: {printable(made.why)}")
        still = ", ".join(f"{one.record.name} ({s.percent} %)" for s, one in service.serving())
        speech.say(f"  the traffic stays where it was: {still or 'nothing serves'}")
        return
    speech.say(f"revision {name} is ready")
    speech.say(f"  it is {made.record.digest}, for good")
    share = sum(s.percent for s, one in service.serving() if one.record.name == name)
    speech.say(f"  and serves {share} % of {service.record.name}'s traffic")


def tell_service(service: Service, speech: Speech) -> None:
    """The revisions of a service, newest first, and their shares of the traffic."""
    shares: dict[str, int] = {}
    for share, one in service.serving():
        shares[one.record.name] = shares.get(one.record.name, 0) + share.percent
    if speech.json:
        speech.document(plain(_document(service, shares)))
        return
    if not shares:
        speech.say(f"{service.record.name}: nothing serves")
    for one in reversed(service.revisions):
        record = one.record
        runs = ", an instance runs" if one.running else ""
        state = f"failed: {printable(one.why)}" if one.why else one.state.lower()
        speech.say(f"{shares.get(record.name, 0):>3} %  {record.name}  {state}{runs}")
        speech.say(f"       {record.image} is {short(record.digest)}, {clock(record.create_time)}")


def _document(service: Service, shares: dict[str, int]) -> dict[str, Any]:
    spec, ready = service.record.spec, service.latest_ready
    return {
        "schema": "landed/cloud-service/v1",
        "service": service.record.name,
        "image": spec.image,
        "updated": spec.update_time,
        "updated_by": spec.updated_by,
        "latest_created": service.latest.record.name,
        "latest_ready": ready.record.name if ready else None,
        "traffic": [{"revision": s.revision, "percent": s.percent} for s in spec.traffic],
        "revisions": [
            {
                "name": one.record.name,
                "image": one.record.image,
                "digest": one.record.digest,
                "created": one.record.create_time,
                "creator": one.record.creator,
                "state": one.state,
                "why": one.why or None,
                "percent": shares.get(one.record.name, 0),
                "runs": one.running is not None,
            }
            for one in reversed(service.revisions)
        ],
    }
