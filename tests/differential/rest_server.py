"""A small REST API server on a loopback port, as much of one as kubectl needs."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.differential import discovery, tables
from tests.differential.kinds import KINDS, Kind
from tests.differential.store import Refused, Store, check

if TYPE_CHECKING:
    from collections.abc import Iterator


_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestServer:
    """A running server and its objects."""

    url: str
    store: Store


@contextlib.contextmanager
def running() -> Iterator[RestServer]:
    """Serve from threads of this process until the context closes."""
    store = Store()

    class Handler(_Handler):
        objects = store

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield RestServer(url=f"http://127.0.0.1:{server.server_port}", store=store)
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What a path means."""

    kind: Kind
    namespace: str
    name: str


class _Handler(BaseHTTPRequestHandler):
    objects: Store
    protocol_version = "HTTP/1.1"
    # An answer goes out in one piece.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Read."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Create."""
        self._answer(self._create)

    def do_PATCH(self) -> None:
        """Change."""
        self._answer(self._patch)

    def do_DELETE(self) -> None:
        """Delete."""
        self._answer(self._delete)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the signature is http's
        """Say nothing."""

    def _answer(self, act: Any) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._body = json.loads(self.rfile.read(length) or b"null")
        parts = urlsplit(self.path)
        self._query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._warnings: list[str] = []
        code = HTTPStatus.OK
        if parts.path == discovery.OPENAPI_2:
            self._send(code, discovery.NO_SCHEMA, _PROTOBUF)
            return
        try:
            found: Any = discovery.answer(parts.path)
            if found is None:
                target = _target(parts.path)
                found = act(target)
                code = HTTPStatus.CREATED if act == self._create else code
        except Refused as refused:
            code, found = HTTPStatus(refused.code), refused.status
        self._send(code, json.dumps(found).encode(), "application/json")

    def _send(self, code: HTTPStatus, data: bytes, content_type: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for warning in self._warnings:
            self.send_header("Warning", f"299 - {json.dumps(warning)}")
        self.end_headers()
        self.wfile.write(data)

    def _get(self, target: _Target) -> Any:
        kind = target.kind
        if target.name:
            found = [self.objects.get(kind, target.namespace, target.name)]
        else:
            labels, fields = (self._query.get(f"{name}Selector", "") for name in ("label", "field"))
            found = self.objects.select(kind, target.namespace, labels, fields)
        if "as=Table" in self.headers.get("Accept", ""):
            whole = self._query.get("includeObject") == "Object"
            return tables.table(kind, found, whole=whole)
        if target.name:
            return found[0]
        return {
            "apiVersion": kind.group_version,
            "kind": f"{kind.name}List",
            "metadata": {"resourceVersion": "1"},
            "items": [
                {key: value for key, value in item.items() if key not in ("apiVersion", "kind")}
                for item in found
            ],
        }

    def _create(self, target: _Target) -> Any:
        validation = self._query.get("fieldValidation", "Warn")
        self._warnings, kept = check(target.kind, self._body, validation)
        return self.objects.create(
            target.kind, target.namespace, kept, dry_run="dryRun" in self._query
        )

    def _patch(self, target: _Target) -> Any:
        form = self.headers["Content-Type"]
        dry_run = "dryRun" in self._query
        return self.objects.patch(
            target.kind, target.namespace, target.name, self._body, form=form, dry_run=dry_run
        )

    def _delete(self, target: _Target) -> Any:
        dry_run = "dryRun" in self._query or bool((self._body or {}).get("dryRun"))
        return self.objects.delete(target.kind, target.namespace, target.name, dry_run=dry_run)


def _target(path: str) -> _Target:
    """Read ``/api/v1/namespaces/default/pods/web`` and its like. Raises :class:`Refused`."""
    words = path.strip("/").split("/")
    if words[:2] == ["api", "namespaces"]:
        # Where kubectl sends an object that names no version.
        words.insert(1, "v1")
    group_version, words = (
        (words[1], words[2:]) if words[0] == "api" else ("/".join(words[1:3]), words[3:])
    )
    namespace = ""
    of_itself = words[0:1] == ["namespaces"] and words[2:] == ["status"]
    if words and words[0] == "namespaces" and len(words) > 2 and not of_itself:
        # namespaces/NAME/KIND
        namespace, words = words[1], words[2:]
    for kind in KINDS:
        if words and kind.group_version == group_version and kind.plural == words[0]:
            parts = words[1:]
            if kind.has_status and parts[1:] == ["status"]:
                # The part comes with the whole.
                parts = parts[:1]
            if len(parts) < 2:
                return _Target(kind=kind, namespace=namespace, name="/".join(parts))
    raise Refused(404, "NotFound", "the server could not find the requested resource")
