"""An issuer of OpenID Connect on this machine, over HTTPS, whose keys can change."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.authentication import signing
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.authentication.signing import Native

_CONFIGURATION = "/.well-known/openid-configuration"


class Issuer:
    """What the server answers, and how often it was asked."""

    def __init__(self, authority: str) -> None:
        self.authority = authority
        """PEM of the authority of its certificate."""
        self.url = ""
        self.keys: list[Native] = [signing.native()]
        self.is_up = True
        self.asked: list[str] = []
        """The paths that were asked for."""

    def answer(self, path: str) -> Any:
        """Return the document at a path; ``None`` for none."""
        self.asked.append(path)
        if path == _CONFIGURATION and self.is_up:
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/keys" and self.is_up:
            return {"keys": [signing.signing_key(key).public() for key in self.keys]}
        return None

    @property
    def fetches(self) -> int:
        """How often its keys were fetched."""
        return self.asked.count("/keys")

    def token(self, key: Native | None = None, /, **changed: Any) -> str:
        """Return a token of alice, good for ten minutes, but for what is changed."""
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": "cube",
            "sub": "alice",
            "exp": now + 600,
            "iat": now,
            "jti": "1",
            **changed,
        }
        found = {name: value for name, value in said.items() if value is not None}
        return signing.signed(found, key or self.keys[0])

    def entry(self, **more: Any) -> dict[str, Any]:
        """Return the entry of the configuration that takes its tokens."""
        issuer = {
            "url": self.url,
            "audiences": ["cube"],
            "certificateAuthority": self.authority,
            **more.pop("issuer", {}),
        }
        mappings = {"username": {"claim": "sub", "prefix": "oidc:"}, **more.pop("mappings", {})}
        return {"issuer": issuer, "claimMappings": mappings, **more}


@contextmanager
def issuing(folder: Path) -> Generator[Issuer, None, None]:
    """Run an issuer."""
    authority = Authority(folder, "issuers")
    shown = authority.issue("issuer", *LOOPBACK)
    issuer = Issuer(authority.file.read_text())

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = issuer.answer(self.path)
            body = json.dumps(found).encode()
            self.send_response(200 if found is not None else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.certificate, shown.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    issuer.url = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def configuration(*entries: dict[str, Any], version: str = "v1", **more: Any) -> str:
    """Return the text of a configuration with these entries."""
    data = {
        "apiVersion": f"apiserver.config.k8s.io/{version}",
        "kind": "AuthenticationConfiguration",
        "jwt": list(entries),
        **more,
    }
    return json.dumps(data)
