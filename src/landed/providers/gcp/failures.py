"""What Google's APIs refuse, in words: which permission, role or API is missing, and where."""

from __future__ import annotations

import re

import msgspec

from landed.core.errors import DataError, LandedError, ProviderError
from landed.core.model import Frozen, learned
from landed.core.words import command
from landed.http.failures import PassingError, plain
from landed.providers.gcp.credentials import Who

_API = re.compile(r"[a-z0-9.-]{1,100}")
_PERMISSION = re.compile(r"[A-Za-z0-9.]{1,100}")
_ACT_AS = re.compile(r"iam\.serviceaccounts\.actas", re.IGNORECASE)


class MissingError(DataError):
    """Google answered, and has no such thing."""


class ConflictError(ProviderError):
    """What was to be changed is not any more what it was when it was read."""


class Need(Frozen):
    """What a question or a deed needs: its API, the permission, and the least role that has it.
    `verb` says what is done to what is asked for.
    """

    api: str
    permission: str
    role: str
    verb: str = "see"


class _Detail(msgspec.Struct):
    reason: str = ""
    metadata: dict[str, str] = {}


class _Error(msgspec.Struct):
    message: str = ""
    status: str = ""
    code: int | str = ""
    details: list[_Detail] = []


class _Answer(msgspec.Struct):
    """An API's refusal, or a registry's."""

    error: _Error | None = None
    errors: list[_Error] = []


learned(_Answer)


def said(body: bytes, who: Who) -> tuple[str, _Detail]:
    """Google's own words without the token of `who`, and its reason where it gives one; empty
    where the body is neither.
    """
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", _Detail()
    error = answer.error or next(iter(answer.errors), _Error())
    detail = next((one for one in error.details if one.reason), _Detail())
    return plain(who.hidden(error.message or error.status or str(error.code))), detail


def refused(need: Need, project: str, what: str, status: int, body: bytes, who: Who) -> LandedError:
    """The failure that an answer means. `what` was asked for, by `who`."""
    words, detail = said(body, who)
    metadata = {key: who.hidden(value) for key, value in detail.metadata.items()}
    why = f": {words}" if words else ""
    if status == 401:
        return ProviderError(
            f"Google does not accept {who.name}{why}",
            "gcloud auth login, or see the page google-cloud",
        )
    if detail.reason in {"SERVICE_DISABLED", "API_DISABLED"}:
        service = _matching(_API, metadata.get("service", "")) or need.api
        return ProviderError(
            f"the API {service} is off in project {project}, so nobody can {need.verb} {what}",
            command("gcloud", "services", "enable", service, "--project", project),
        )
    if status == 403:
        permission, role = _matching(_PERMISSION, metadata.get("permission", "")), need.role
        if _ACT_AS.search(words):
            permission = permission or "iam.serviceAccounts.actAs"
            role = "roles/iam.serviceAccountUser on that account"
        return ProviderError(
            f"{who.name} may not {need.verb} {what} in project {project}{why}",
            f"it needs {permission or need.permission}, which {role} has; a project that is "
            "not there looks the same, so see that its name is right",
        )
    if status == 404 and words:
        return MissingError(
            f"there is no {what} in project {project}{why}",
            "see that the names of the project, the region and the thing itself are right",
        )
    if status == 409:
        return ConflictError(
            f"{what} was changed by somebody else at the same moment{why}",
            "see who deploys there too, then go on",
        )
    if status == 429:
        return PassingError(
            f"Google was asked too often for {what}{why}",
            f"wait a minute and ask again; the quota is that of project {project}",
        )
    if status >= 500:
        return PassingError(
            f"{need.api} failed with status {status} for {what}{why}", "ask again later"
        )
    return ProviderError(
        f"{need.api} answered {what} with status {status}{why}",
        "see that project and region are right",
    )


def no_answer(need: Need, what: str, why: str) -> DataError:
    """Something came that is not what was asked for."""
    return DataError(
        f"{need.api} answered {what} with something else: {why}",
        "is there a proxy between? ask again; landed takes no half answer for a whole one",
    )


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""
