"""CEL over the claims of a token, and over the user that they give."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from protocube_server.authentication.jose.tokens import Refused
from protocube_server.cel.engine import Environment
from protocube_server.cel.faults import EvaluationError
from protocube_server.cel.shadows import Shadows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.calls.user import User
    from protocube_server.cel.engine import Bindings, Program

TEXT: Final = ("string",)
TEXTS: Final = ("string", "list(string)", "list(dyn)", "null_type")
BOOLEAN: Final = ("bool",)

_EMAIL: Final = re.compile(r"\bclaims\s*\.\s*\??\s*email\b")
_VERIFIED: Final = re.compile(r"\bclaims\s*\.\s*\??\s*email_verified\b")
_LIST: Final = "expression must return a string or a list of strings"


@functools.cache
def of_claims() -> Environment:
    """Return the environment with the variable ``claims``. Raises ``cel.faults.NotInstalled``."""
    return Environment(Shadows([]).pool, {"claims": "map<string, dyn>"})


@functools.cache
def of_user() -> Environment:
    """Return the environment with the variable ``user``. Raises ``cel.faults.NotInstalled``."""
    return Environment(Shadows([]).pool, {"user": "map<string, dyn>"})


def bind_claims(claims: Mapping[str, Any]) -> Bindings:
    """Return the claims as the variable. Raises ``Refused`` for what CEL has no form for."""
    try:
        return of_claims().bind({"claims": dict(claims)})
    except (RuntimeError, TypeError, ValueError, OverflowError):
        raise Refused("oidc: the claims cannot be read by expressions") from None


def bind_user(user: User) -> Bindings:
    """Return a user as the variable."""
    told = {
        "username": user.name,
        "uid": user.uid,
        "groups": list(user.groups),
        "extra": {key: list(values) for key, values in user.extra.items()},
    }
    return of_user().bind({"user": told})


def uses_email(expression: str) -> bool:
    """Tell whether an expression reads the claim ``email``."""
    return bool(_EMAIL.search(expression))


def uses_verified(expression: str) -> bool:
    """Tell whether an expression reads the claim ``email_verified``."""
    return bool(_VERIFIED.search(expression))


def value(program: Program, bindings: Bindings, what: str) -> Any:
    """Return the value of an expression. Raises ``Refused``; ``what`` says where it stands."""
    try:
        return program(bindings)
    except EvaluationError as error:
        raise Refused(f"oidc: error evaluating {what}: {error}") from None


def texts(program: Program, bindings: Bindings, what: str) -> tuple[str, ...]:
    """Return the texts that an expression gives, one or a list; empty ones are none.

    Raises ``Refused``.
    """
    found = value(program, bindings, what)
    if found is None:
        return ()
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise Refused(f"oidc: error evaluating {what}: {_LIST}")
    return tuple(each for each in listed if each)
