"""Addresses: which are any, and to which a request may go."""

from __future__ import annotations

import ipaddress

import httpx

from landed.core.errors import ProviderError


def address(text: str, base: httpx.URL | None = None) -> httpx.URL | None:
    """An address that can be asked, from `base` on; None for what only looks like one."""
    try:
        found = base.join(text) if base else httpx.URL(text)
        # What is wrong with these would else be told by the connecting, in words of its own.
        found.host.encode("idna")
    except (httpx.InvalidURL, ValueError):
        return None
    return found if (found.port or 443) < 1 << 16 else None


def joined(base: httpx.URL, link: str) -> httpx.URL:
    """Where a link in an answer from `base` leads. Raises ProviderError for nowhere."""
    found = address(link, base)
    if found is None:
        raise nowhere(host_of(base))
    return found


def nowhere(host: str) -> ProviderError:
    """A server's link or redirect is none."""
    return ProviderError(f"{host} leads to no address", "ask its keeper")


def private(url: httpx.URL, base: httpx.URL) -> bool:
    """Whether nobody reads along: by https, or by http within this machine, where `base` is already
    if it is asked by http.

    An address with a name or password in it is none of ours.
    """
    within = url.scheme == base.scheme == "http" and loopback(url.host)
    return bool(url.host) and not url.userinfo and (url.scheme == "https" or within)


def loopback(name: str) -> bool:
    """Whether a host, without its port, is this machine by its very name."""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_of(url: httpx.URL) -> str:
    """A host with its port, as in a reference."""
    return url.netloc.decode("ascii", "replace")


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Who is asked: what is said to one is not for another."""
    return url.scheme, url.host, url.port
