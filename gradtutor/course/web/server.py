"""A server for one person on this machine: the pages, and the program's own verdicts.

It listens on the loopback address alone. Its paths begin with a random word, which is
printed for the person and nobody else; requests under another host's name, as a page of
the web could make them, are refused.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

HOST = "127.0.0.1"
#: No answer of a learner is longer.
MOST_BYTES = 100_000
TYPES = {"html": "text/html; charset=utf-8", "svg": "image/svg+xml"}

#: Returns a page or a picture by its path, with its kind; None where there is none.
Pages = Callable[[str], tuple[str, bytes] | None]
#: Answers what a page asks: the action and what it sends.
Actions = Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]


class LessonServer(ThreadingHTTPServer):
    """Serves pages and actions under a secret path."""

    daemon_threads = True

    def __init__(self, port: int, pages: Pages, actions: Actions) -> None:
        super().__init__((HOST, port), _Handler)
        self.pages, self.actions = pages, actions
        self.word = secrets.token_urlsafe(16)
        self.turn = Lock()  # progress is appended by one request at a time

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://{HOST}:{self.server_port}/{self.word}/"


class _Handler(BaseHTTPRequestHandler):
    server: LessonServer

    def do_GET(self) -> None:
        """Send a page or a picture."""
        path = self._own_path()
        with self.server.turn:
            found = None if path is None else self.server.pages(path)
        if found is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        kind, content = found
        self._send(TYPES[kind], content)

    def do_POST(self) -> None:
        """Answer what a page asks."""
        action = self.server.actions.get(self._own_path() or "")
        sent = self._sent()
        if action is None or sent is None:
            self.send_error(HTTPStatus.NOT_FOUND if action is None else 400)
            return
        with self.server.turn:
            try:
                answer = action(sent)
            except (KeyError, TypeError, ValueError) as error:
                self.send_error(HTTPStatus.BAD_REQUEST, type(error).__name__)
                return
        content = json.dumps(answer, ensure_ascii=False).encode()
        self._send("application/json", content)

    def _own_path(self) -> str | None:
        """Return the path behind the secret word; None for anybody else's request."""
        names = {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
        start = f"/{self.server.word}/"
        path = self.path.partition("?")[0]
        known = secrets.compare_digest(path[: len(start)].encode(), start.encode())
        if self.headers.get("Host") not in names or not known:
            return None
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{name}" for name in names}:
            return None
        return path[len(start) :]

    def _sent(self) -> dict[str, Any] | None:
        """Return the object that was sent; None where it is none."""
        size = self.headers.get("Content-Length", "")
        kind = self.headers.get("Content-Type", "")
        if not re.fullmatch(r"\d{1,6}", size) or int(size) > MOST_BYTES:
            return None
        try:
            found = json.loads(self.rfile.read(int(size)))
        except ValueError:
            return None
        return found if isinstance(found, dict) and "json" in kind else None

    def _send(self, kind: str, content: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is the learner's."""
