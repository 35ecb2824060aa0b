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
_BASIC = ("username", "password")
_SSH = "ssh-privatekey"


def _secret_keys(secret: Any) -> Iterator[Fault]:
    """Name the entries that are missing, in ``data`` and in ``stringData``.

    Source: ``ValidateSecret`` of Kubernetes, which has no words for why.
    """
    missing: list[str] = []
    match secret.type:
        case "kubernetes.io/basic-auth":
            if not any(_has(secret, key) for key in _BASIC):
                missing = [*_BASIC]
        case "kubernetes.io/ssh-auth":
            # A key without content is none.
            if not secret.data.get(_SSH) and not secret.string_data.get(_SSH):
                missing = [_SSH]
        case _:
            missing = [key for key in _KEYS.get(secret.type, ()) if not _has(secret, key)]
    for key in missing:
        yield Fault(rule="required.data", text=f".data[{key}]: ")


def _has(secret: Any, key: str) -> bool:
    return key in secret.data or key in secret.string_data


BY_NAME: dict[str, MessageRule] = {"secret_keys": _secret_keys}
