"""What an image has otherwise than its source wants, where no file differs: in a sentence."""

from __future__ import annotations

from landed.core.seen import Misfit, MisfitKind, OutputProof, StaleOutput
from landed.core.words import count, short


def stale_in_words(one: StaleOutput) -> str:
    """What an output was made of, as far as anybody can tell."""
    made = f"{one.output}, last made in {short(one.last)}," if one.last else one.output
    if one.proof is OutputProof.MAP:
        return f"the image has {made} and its source map holds {one.source} as before the change"
    if one.proof is OutputProof.TEXT:
        return (
            f"the image has {made} with words that the change took out of {one.source}, and none "
            "that it put in"
        )
    return (
        f"the image has {made} and the change to {one.source} did not make it again; "
        f"{count(one.together, 'commit')} before changed both"
    )


def misfit_in_words(one: Misfit) -> str:
    """What is asked for, and what there is."""
    asks = f"{one.file} asks for {one.name}{one.wanted}"
    return {
        MisfitKind.NOT_INSTALLED: f"{asks}, and the image does not have it",
        MisfitKind.OTHER_INSTALLED: f"{asks}, and {one.found} is installed in the image",
        MisfitKind.NOT_LOCKED: f"{asks}; the build installs by {one.lock}, which does not have it",
        MisfitKind.OTHER_LOCKED: f"{asks}; the build installs by {one.lock}, which has {one.found}",
    }[one.kind]
