"""The one door on loopback: it is a proxy for the hosts that the face plays, and a plain server.

`CONNECT storage.googleapis.com:443` is answered by this process itself, under a certificate of its
own authority. Nothing is ever dialled: another host is refused, and told why. To pass it through
would let everybody on this machine out through here, and a question that the face does not play
would go to the real Google.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable

import trustme
from uvicorn.protocols.http.h11_impl import H11Protocol

_HEAD = 16 << 10
_CONNECT = re.compile(rb"CONNECT ([a-z0-9.-]{1,253}):443 HTTP/1\.[01]\r\n", re.IGNORECASE)
_WELCOME = b"HTTP/1.1 200 Connection established\r\n\r\n"
_WHY = b"landed's local cloud dials no other host: use another shell"
# Most clients show a proxy's reason, and hardly any its body.
_REFUSED = b"HTTP/1.1 403 %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b\n" % (
    _WHY, len(_WHY) + 1, _WHY,
)  # fmt: skip


class Authority:
    """A certificate authority that lives as long as this object; its key never leaves memory."""

    def __init__(self) -> None:
        self._ca = trustme.CA(organization_name="landed local cloud")

    @property
    def certificate(self) -> bytes:
        """What a client has to trust, as PEM."""
        return self._ca.cert_pem.bytes()

    def context(self, hosts: frozenset[str]) -> ssl.SSLContext:
        """What the face shows for these hosts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*sorted(hosts)).configure_cert(context)
        return context


def door(plays: Callable[[str], bool], context: ssl.SSLContext) -> type[H11Protocol]:
    """The protocol that a server speaks at the door, for the hosts that it plays."""

    class Door(H11Protocol):
        """Looks at a connection's first line: a tunnel to a host of ours, or plain HTTP."""

        _head: bytes | None = b""

        def data_received(self, data: bytes) -> None:
            if self._head is None:
                super().data_received(data)
                return
            self._head += data
            asked = b"CONNECT "
            if not asked.startswith(self._head[: len(asked)].upper()):
                data, self._head = self._head, None
                super().data_received(data)
            elif b"\r\n\r\n" in self._head:
                self._tunnel()
            elif len(self._head) > _HEAD:
                self._refuse()

        def _tunnel(self) -> None:
            found = _CONNECT.match(self._head or b"")
            if not found or not plays(found[1].decode().lower()):
                self._refuse()
                return
            self.transport.write(_WELCOME)
            task = self.loop.create_task(self._inside())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

        def _refuse(self) -> None:
            self.transport.write(_REFUSED)
            self.transport.close()

        async def _inside(self) -> None:
            inner = _Tunnelled(self.config, self.server_state, self.app_state, self.loop)
            try:
                encrypted = await self.loop.start_tls(
                    self.transport, inner, context, server_side=True
                )
            except (OSError, ssl.SSLError):
                # A client that does not trust the authority, or went away.
                self.transport.close()
                return
            finally:
                # From here on the tunnel's inside is the connection.
                self.connections.discard(self)
            if encrypted is not None:
                inner.connection_made(encrypted)

    return Door


class _Tunnelled(H11Protocol):
    """HTTP inside a tunnel. The first request may come with the end of the handshake, before the
    loop says that the connection is made: it is kept until then.
    """

    _early = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        early, self._early = self._early, b""
        if early:
            self.data_received(early)

    def data_received(self, data: bytes) -> None:
        # uvicorn has None here until the connection is made, whatever its annotation says.
        if not self.connected:
            self._early += data
        else:
            super().data_received(data)

    @property
    def connected(self) -> bool:
        """Whether the connection was made."""
        return bool(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.connected:
            super().connection_lost(exc)
