"""A webhook on this machine, whose answers a test says."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

from tests.admission.admitted import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.server.caller import Caller
    from tests.tls.authority import Authority


@dataclass(kw_only=True)
class Hook:
    """What a webhook was asked, and how it answers."""

    url: str
    authority: Path
    answer: Callable[[dict[str, Any]], Any] = lambda _: {"allowed": True}
    """Returns the response to a request, or bytes for the whole body."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """The requests, in the order in which they came."""
    go: threading.Event = field(default_factory=threading.Event)
    """It answers from then on."""

    def review(self, body: bytes) -> bytes:
        """Return the body that answers a question."""
        review = json.loads(body)
        self.asked.append(review["request"])
        self.go.wait(30)
        response = self.answer(review["request"])
        if isinstance(response, bytes):
            return response
        response.setdefault("uid", review["request"]["uid"])
        kind = {"kind": review["kind"], "apiVersion": review["apiVersion"]}
        return json.dumps({**kind, "response": response}).encode()


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    """Return a response that changes the object."""
    text = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"allowed": True, "patchType": "JSONPatch", "patch": text}


class _Server(ThreadingHTTPServer):
    """Knows its connections, which clients keep open, to close them."""

    daemon_threads = True

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self._open: list[Any] = []

    def get_request(self) -> Any:
        """Take a connection in."""
        connection, address = super().get_request()
        self._open.append(connection)
        return connection, address

    def server_close(self) -> None:
        """Close everything."""
        super().server_close()
        for connection in self._open:
            connection.close()


@contextmanager
def hook(authority: Authority) -> Iterator[Hook]:
    """Serve a webhook over HTTPS."""
    issued = authority.issue("hook", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        found: ClassVar[Hook]

        def do_POST(self) -> None:  # the library's name
            body = self.found.review(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found = Handler.found = Hook(
        url=f"https://127.0.0.1:{server.server_address[1]}/review", authority=authority.file
    )
    found.go.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.go.set()
        server.shutdown()
        server.server_close()
        thread.join()


async def configure(caller: Caller, kind: str, hook: Hook, name: str = "h", **more: Any) -> Any:
    """Let a webhook be asked; ``kind`` is ``validating`` or ``mutating``."""
    client = {
        "url": hook.url,
        "caBundle": base64.b64encode(hook.authority.read_bytes()).decode(),
    }
    match = rules(more.pop("resources", "configmaps"), more.pop("operations", "CREATE,UPDATE"))
    entry = {
        "name": f"{name}.example.com",
        "clientConfig": more.pop("clientConfig", client),
        "rules": match["resourceRules"],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **more,
    }
    return await caller.create(caller.make(f"{kind}webhookconfiguration", name, webhooks=[entry]))
