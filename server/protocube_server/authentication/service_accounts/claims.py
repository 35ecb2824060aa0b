"""What a service account's token says: Kubernetes' claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube_server.authentication.jose.tokens import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.authentication.jose.tokens import WebToken

PRIVATE: Final = "kubernetes.io"
"""The claim that holds what is Kubernetes' own."""

BOUND: Final = ("secret", "pod", "node")
"""What a token can be bound to, by the names that claims have for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An object that a token names."""

    name: str
    uid: str = ""

    def claim(self) -> dict[str, str]:
        """Return it as a claim."""
        return {"name": self.name, **({"uid": self.uid} if self.uid else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The account that a token is of, and what it is bound to."""

    namespace: str
    account: Reference
    bound: Mapping[str, Reference]
    """By the names of :data:`BOUND`."""

    def private(self) -> dict[str, Any]:
        """Return the claim :data:`PRIVATE`."""
        return {
            "namespace": self.namespace,
            "serviceaccount": self.account.claim(),
            **{word: reference.claim() for word, reference in self.bound.items()},
        }


def of_token(token: WebToken) -> Claims:
    """Return what a token says. Raises ``Refused`` when it is not said as Kubernetes does."""
    private = token.claims.get(PRIVATE)
    if not isinstance(private, dict):
        raise Refused(f"the token has no claim {PRIVATE}")
    namespace = private.get("namespace")
    account = _reference(private, "serviceaccount")
    if not isinstance(namespace, str) or not namespace or account is None:
        raise Refused("the token names no service account")
    found = {word: _reference(private, word) for word in BOUND}
    bound = {word: reference for word, reference in found.items() if reference is not None}
    return Claims(namespace=namespace, account=account, bound=bound)


def _reference(private: Mapping[str, Any], word: str) -> Reference | None:
    found = private.get(word)
    if found is None:
        return None
    name = found.get("name") if isinstance(found, dict) else None
    uid = found.get("uid", "") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name or not isinstance(uid, str):
        raise Refused(f"the claim {word} names no object")
    return Reference(name=name, uid=uid)
