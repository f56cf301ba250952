"""The change is there, and a variable keeps its path from being taken."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis, Excluded, Fits
from landed.core.model import (
    Frozen,
    Link,
    Presence,
)
from landed.core.rules.logs import named_errors, older_than_deployment
from landed.core.seen import (
    Execution,
    Logs,
    Observations,
    Running,
    Switch,
)
from landed.core.words import filled, short


class _State(Frozen):
    """Whether a switch is on, None where nobody can tell, and why."""

    on: bool | None
    because: str


def recognise(seen: Observations, _link: Link) -> Fits | Excluded | None:
    """The named error is still there, in an execution that has the change and leaves its path."""
    logs, running, execution = seen.logs, seen.running, seen.execution
    if not (
        isinstance(logs, Logs) and isinstance(running, Running) and isinstance(execution, Execution)
    ):
        return None
    if older_than_deployment(seen) or not named_errors(logs):
        return None
    if not seen.switches:
        return Excluded(because="no line of the change asks a variable whether to take its path")
    if running.presence is not Presence.PRESENT:
        return Excluded(because=f"not proved to be in what ran as it is: {running.because}")
    states = [(one, _state(one, execution, running)) for one in seen.switches]
    off = next(((one, state) for one, state in states if state.on is False), None)
    if off is None:
        open_ = [state for _, state in states if state.on is None]
        return Excluded(because=(open_ or [state for _, state in states])[0].because)
    switch, state = off
    return Fits(
        because=f"{short(seen.change.commit)} is in what ran, and its path is not taken: "
        f"{switch.path} asks {switch.name}, and {state.because}",
        remedy=_remedy(seen, switch),
        evidence=(*switch.evidence, *running.evidence, *execution.evidence),
    )


def _state(switch: Switch, execution: Execution, running: Running) -> _State:
    """A switch, by what the place sets, else by what the image sets, else by the line itself."""
    name = switch.name
    if execution.variables is None:
        return _State(on=None, because=f"whether {name} is on cannot be seen: {execution.called} "
                      "does not show its variables")  # fmt: skip
    for found, where in (
        (execution.variables, execution.called),
        (running.variables or (), "the image"),
    ):
        mine = next((one for one in found if one.name == name), None)
        if mine is None:
            continue
        if mine.word is None:
            because = f"{where} sets it to what landed does not look at"
            return _State(on=None, because=f"whether {name} is on cannot be seen: {because}")
        value = f"sets it to `{mine.word}`" if mine.word else "sets it to nothing"
        on = mine.word in switch.taken
        return _State(on=on, because=f"{name} is on: {where} {value}" if on else f"{where} {value}")
    if running.variables is None or switch.set_by:
        which = ", ".join(switch.set_by) or "a file .env of the image"
        return _State(on=None, because=f"whether {name} is on cannot be seen: {which} may set it")
    if switch.unset is None:
        because = "nothing sets it, and what the code takes instead cannot be told"
        return _State(on=None, because=f"whether {name} is on cannot be seen: {because}")
    if switch.unset:
        return _State(on=True, because=f"{name} is on where nothing sets it")
    return _State(on=False, because=f"neither {execution.called} nor its image sets it")


def _remedy(seen: Observations, switch: Switch) -> tuple[str, ...]:
    if not switch.wants:
        return (f"give {switch.name} the value that {switch.path} asks for, and run it again",)
    turn = filled(seen.commands.set, variable=f"{switch.name}={switch.wants}")
    return (turn, seen.commands.execute) if seen.commands.execute else (turn,)


DIAGNOSIS = Diagnosis(
    id="switched-off",
    title="A switch keeps the change's path from being taken",
    links=(Link.HEALED,),
    recognise=recognise,
)
