"""A TLS handshake of our own with a server, for what gRPC does not tell.

gRPC says that a socket was closed where the server speaks TLS and we do not, or wants
a certificate that we did not show. One more handshake, made after a failure, finds out.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import pem
from protocube_client.connection.transport import Tls

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_client.connection.material import Material
    from protocube_client.connection.transport import Transport

_SECONDS = 5.0
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04" + bytes(5)
"""What a client of HTTP/2 says first: the preface and an empty SETTINGS frame."""

# Codes of X509_verify_cert.
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
_OTHER_NAME = frozenset({62, 63, 64})

_NAMES = ("DNS", "IP Address")


class Refused(Exception):
    """The handshake failed; the text says why, as of the server: "its certificate has expired"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The certificate that a server shows."""

    certificate: bytes
    """PEM."""
    name: str
    """One of the names that it is for."""


async def fault(host: str, port: int, transport: Transport, material: Material | None) -> str:
    """Return why ``transport`` does not work with a server; nothing when that is not the reason."""
    try:
        async with asyncio.timeout(_SECONDS):
            if isinstance(transport, Tls) and material:
                await _try(host, port, transport, material)
            else:
                async with _connected(host, port, _unchecked(), host):
                    return (
                        "it speaks TLS and this connection is plaintext: "
                        "say which certificate authority to trust (--certificate-authority)"
                    )
    except Refused as error:
        # Without TLS on our side, a failed handshake tells nothing.
        return str(error) if isinstance(transport, Tls) else ""
    except (OSError, EOFError):
        pass
    return ""


async def shown(host: str, port: int, server_name: str) -> Shown:
    """Return the certificate of a server without judging who issued it.

    Raises :class:`Refused` when it is not valid now, ``OSError`` when there is no server.
    """
    async with asyncio.timeout(_SECONDS):
        async with _connected(host, port, _unchecked(), server_name or host) as stream:
            binary = stream.socket.getpeercert(binary_form=True)
        text = ssl.DER_cert_to_PEM_cert(binary or b"")
        # Only a certificate that was judged is given in parts, names among them.
        context = ssl.create_default_context(cadata=text)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        async with _connected(host, port, context, server_name or host) as stream:
            parts = stream.socket.getpeercert() or {}
    return Shown(certificate=text.encode(), name=_name(parts) or host)


def _name(parts: Any) -> str:
    """Return a name of a certificate; as in gRPC, the common name counts without others."""
    names = [text for kind, text in parts.get("subjectAltName", ()) if kind in _NAMES]
    common = [text for [(kind, text)] in parts.get("subject", ()) if kind == "commonName"]
    return next(iter(names or common), "")


async def _try(host: str, port: int, tls: Tls, material: Material) -> None:
    context = ssl.create_default_context(
        cadata=material.authorities.decode("ascii") if material.authorities else None
    )
    # As gRPC's library judges: what is trusted need not be an authority itself.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not tls.verify:
        context = _unchecked()
    if material.pair is not None:
        with pem.as_files(material.pair) as files:
            context.load_cert_chain(files.certificate, files.key)
    async with _connected(host, port, context, tls.server_name or host) as stream:
        stream.writer.write(_HELLO)
        with contextlib.suppress(ConnectionError):
            if await stream.reader.read(1):
                return
    # In TLS 1.3 a server judges its client after the client's own handshake is done.
    raise Refused(
        "it does not accept the client certificate"
        if material.pair
        else "it closes the connection: it asks for a client certificate, and there is none"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    socket: ssl.SSLObject


@contextlib.asynccontextmanager
async def _connected(
    host: str, port: int, context: ssl.SSLContext, name: str
) -> AsyncGenerator[_Stream, None]:
    context.set_alpn_protocols(["h2"])
    try:
        reader, writer = await asyncio.open_connection(
            host, port, ssl=context, server_hostname=name
        )
    except ssl.SSLCertVerificationError as error:
        raise Refused(_judgement(error, name)) from None
    except ssl.SSLError as error:
        if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
            raise Refused(
                "it speaks without TLS; to speak to it so, say that plaintext will do (--plaintext)"
            ) from None
        reason = (error.reason or "the TLS handshake failed").replace("_", " ").lower()
        raise Refused(f"the TLS handshake failed: {reason}") from None
    try:
        yield _Stream(reader=reader, writer=writer, socket=writer.get_extra_info("ssl_object"))
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _judgement(error: ssl.SSLCertVerificationError, name: str) -> str:
    code = error.verify_code
    if code == _EXPIRED:
        return "its certificate has expired"
    if code == _NOT_YET_VALID:
        return "its certificate is not yet valid"
    if code in _OTHER_NAME:
        return f"its certificate is not for {name} (--tls-server-name names another)"
    if code in _UNKNOWN_AUTHORITY:
        return (
            f"its certificate comes from an authority that is not trusted: {error.verify_message}"
        )
    return f"its certificate is refused: {error.verify_message}"


def _unchecked() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
