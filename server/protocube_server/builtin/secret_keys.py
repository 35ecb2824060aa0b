"""Which entries a Secret of a type must have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}
_SSH = "ssh-privatekey"


def _secret_keys(secret: Any) -> Iterator[Fault]:
    """Name the first entry that is missing, in ``data`` and in ``stringData``."""
    text = ""
    match secret.type:
        case "kubernetes.io/basic-auth":
            if not any(_has(secret, key) for key in ("username", "password")):
                text = f".data[username]: username or password must be set for type {secret.type}"
        case "kubernetes.io/ssh-auth":
            # A key without content is none.
            if not secret.data.get(_SSH) and not secret.string_data.get(_SSH):
                text = f".data[{_SSH}]: must be set for type {secret.type}"
        case _:
            missing = (key for key in _KEYS.get(secret.type, ()) if not _has(secret, key))
            for key in missing:
                text = f".data[{key}]: must be set for type {secret.type}"
                break
    if text:
        yield Fault(rule="required.data", text=text)


def _has(secret: Any, key: str) -> bool:
    return key in secret.data or key in secret.string_data


BY_NAME: dict[str, MessageRule] = {"secret_keys": _secret_keys}
