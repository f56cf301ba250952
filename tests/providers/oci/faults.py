"""A loopback server that does wrong what a real registry seldom does when asked to."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

from providers.oci.servers import Pair


@dataclass
class Asked:
    """One request, and the means to answer it wrongly."""

    handler: BaseHTTPRequestHandler
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    over: Event

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        """An answer; underscores in names become dashes."""
        self.handler.send_response(status)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        if self.method != "HEAD":
            self.handler.wfile.write(body)

    def drip(self, byte: bytes = b"x") -> None:
        """One byte now and then, until the other side has had enough."""
        while not self.over.wait(0.05):
            try:
                self.handler.wfile.write(byte)
            except OSError:
                return


Answering = Callable[[Asked], None]
FOR_EVER = 60
"""Seconds. Who waits for a drip waits for hours: a busy machine is not that slow."""


@dataclass
class Faults:
    """Answers each request by `answer`, and remembers it."""

    answer: Answering = lambda asked: asked.say(404)
    pair: Pair | None = None
    asked: list[Asked] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("content-length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(
                    self, self.command, self.path, headers, self.rfile.read(size), server.over
                )
                server.asked.append(asked)
                server.answer(asked)

            do_HEAD = do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815 - the base class's names

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        if self.pair:
            secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            secure.load_cert_chain(self.pair.certificate, self.pair.key)
            self._http.socket = secure.wrap_socket(self._http.socket, server_side=True)
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._http.server_port}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]
