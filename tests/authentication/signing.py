"""Keys in files, tokens that are made by hand, and callers who ask a server for theirs."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from protocube.authentication.v1 import token_request_pb2, token_request_requests_pb2
from protocube_server.authentication.jose import keys, tokens

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_server.authentication.jose.keys import Key
    from tests.server.caller import Caller

ISSUER = "https://protocube.default.svc"
METHOD = "/protocube.core.v1.ServiceAccounts/CreateToken"

Native = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def native(kind: str = "ec") -> Native:
    """Return a new private key, of ECDSA or RSA."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: Native) -> str:
    """Return a private key in PEM."""
    form = serialization.PrivateFormat.PKCS8
    none = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, none).decode()


def public_pem(key: Native) -> str:
    """Return the public half of a key in PEM."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def signing_key(key: Native) -> Key:
    """Return a key as the server has it."""
    (found,) = keys.of_pem(private_pem(key))
    return found


def key_file(folder: Path, key: Native, name: str = "sa.key") -> Path:
    """Write a private key to a file."""
    file = folder / name
    file.write_text(private_pem(key))
    return file


def claims(account: Any, **changed: Any) -> dict[str, Any]:
    """Return the claims of a good token of a ServiceAccount, but for what is changed."""
    now = int(time.time())
    namespace, name = account.metadata.namespace, account.metadata.name
    found = {
        "iss": ISSUER,
        "aud": [ISSUER],
        "exp": now + 600,
        "iat": now,
        "nbf": now,
        "jti": str(uuid.uuid4()),
        "sub": f"system:serviceaccount:{namespace}:{name}",
        "kubernetes.io": {
            "namespace": namespace,
            "serviceaccount": {"name": name, "uid": account.metadata.uid},
        },
        **changed,
    }
    return {key: value for key, value in found.items() if value is not None}


def signed(said: dict[str, Any], key: Native) -> str:
    """Return a token."""
    return tokens.sign(said, signing_key(key))


def unsigned(header: dict[str, Any], said: dict[str, Any], signature: bytes = b"") -> str:
    """Return a token with any header, and a signature of any bytes."""
    parts = [json.dumps(header).encode(), json.dumps(said).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def decoded(token: str) -> dict[str, Any]:
    """Return the claims of a token."""
    found = tokens.read(token)
    assert found is not None
    return dict(found.claims)


async def create_token(caller: Caller, name: str, namespace: str = "", **spec: Any) -> Any:
    """Ask for a token of a service account; return the TokenRequest with its status."""
    request = token_request_requests_pb2.CreateTokenRequest()
    request.object.metadata.name, request.object.metadata.namespace = name, namespace
    request.object.spec.CopyFrom(token_request_pb2.TokenRequestSpec(**spec))
    reply = await caller.send(METHOD, request.SerializeToString())
    return token_request_pb2.TokenRequest.FromString(reply.body)
