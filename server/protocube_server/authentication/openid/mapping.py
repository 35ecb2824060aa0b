"""From the claims of a token to a user: Kubernetes' claim mappings and validation rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube.quoting import quote
from protocube_server.authentication.identity import CREDENTIAL
from protocube_server.authentication.jose.tokens import Refused
from protocube_server.authentication.openid import expressions
from protocube_server.calls.user import User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.cel.engine import Bindings, Program

    Claims = Mapping[str, Any]

_EMAIL, _VERIFIED = "email", "email_verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """Where something of a user comes from: a claim with a prefix, or an expression."""

    claim: str = ""
    prefix: str = ""
    program: Program | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What must be true, and what to say when it is not."""

    program: Program
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMapping:
    """What becomes of the claims of one issuer's tokens."""

    username: Mapped
    groups: Mapped = field(default_factory=Mapped)
    uid: Mapped = field(default_factory=Mapped)
    extra: tuple[tuple[str, Program], ...] = ()
    """Expressions, by the keys that their values get."""
    required: tuple[tuple[str, str], ...] = ()
    """Claims, and the texts that they must be."""
    rules: tuple[Rule, ...] = ()
    """On the claims."""
    user_rules: tuple[Rule, ...] = ()
    """On the user."""

    def user(self, claims: Claims) -> User:
        """Return the user that claims give. Raises ``Refused``, mostly with Kubernetes' words."""
        bindings = expressions.bind_claims(claims) if self._uses_expressions else None
        user = User(
            name=self._name(claims, bindings),
            groups=self._groups(claims, bindings),
            uid=self._uid(claims, bindings),
            extra=self._extra(claims, bindings),
        )
        for claim, wanted in self.required:
            if claim not in claims:
                raise Refused(f"oidc: required claim {claim} not present in ID token")
            found = claims[claim]
            if not isinstance(found, str):
                raise Refused(f"oidc: parse claim {claim}: it is no string")
            if found != wanted:
                raise Refused(
                    f"oidc: required claim {claim} value does not match. Got = {found}, "
                    f"want = {wanted}"
                )
        _require(self.rules, bindings, "claim validation expression")
        if self.user_rules:
            told = expressions.bind_user(user)
            _require(self.user_rules, told, "user info validation rule")
        return user

    @property
    def _uses_expressions(self) -> bool:
        mapped = (self.username, self.groups, self.uid)
        return bool(any(each.program for each in mapped) or self.extra or self.rules)

    def _name(self, claims: Claims, bindings: Bindings | None) -> str:
        program, what = self.username.program, "username claim expression"
        if program is not None and bindings is not None:
            found = expressions.value(program, bindings, what)
            if not isinstance(found, str):
                raise Refused(f"oidc: error evaluating {what}: it must return a string")
            if not found:
                raise Refused("oidc: empty username via CEL expression is not allowed")
            return found
        claim = self.username.claim
        name = claims.get(claim)
        if not isinstance(name, str) or not name:
            fault = "it is no string" if claim in claims else "claim not present"
            raise Refused(f"oidc: parse username claims {quote(claim)}: {fault}")
        # Stricter than Kubernetes, which takes an address that nothing is said of.
        if claim == _EMAIL and claims.get(_VERIFIED) is not True:
            raise Refused("oidc: email not verified")
        return f"{self.username.prefix}{name}"

    def _groups(self, claims: Claims, bindings: Bindings | None) -> tuple[str, ...]:
        mapped = self.groups
        if mapped.program is not None and bindings is not None:
            return expressions.texts(mapped.program, bindings, "group claim expression")
        found = claims.get(mapped.claim) if mapped.claim else None
        if found is None:
            return ()
        listed = [found] if isinstance(found, str) else found
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise Refused(
                f"oidc: parse groups claim {quote(mapped.claim)}: it is no list of strings"
            )
        return tuple(f"{mapped.prefix}{each}" for each in listed)

    def _uid(self, claims: Claims, bindings: Bindings | None) -> str:
        mapped, what = self.uid, "uid claim expression"
        if mapped.program is not None and bindings is not None:
            found = expressions.value(mapped.program, bindings, what)
            if not isinstance(found, str):
                raise Refused(f"oidc: error evaluating {what}: it must return a string")
            return found
        if not mapped.claim:
            return ""
        found = claims.get(mapped.claim)
        if not isinstance(found, str):
            fault = "it is no string" if mapped.claim in claims else "claim not present"
            raise Refused(f"oidc: parse uid claim {quote(mapped.claim)}: {fault}")
        return found

    def _extra(self, claims: Claims, bindings: Bindings | None) -> dict[str, tuple[str, ...]]:
        extra: dict[str, tuple[str, ...]] = {}
        number = claims.get("jti")
        if isinstance(number, str) and number:
            extra[CREDENTIAL] = (f"JTI={number}",)
        for key, program in self.extra:
            assert bindings is not None  # noqa: S101  # there are expressions
            values = expressions.texts(program, bindings, "extra claim expression")
            if values:
                extra[key] = values
        return extra


def _require(rules: tuple[Rule, ...], bindings: Bindings | None, what: str) -> None:
    for rule in rules:
        assert bindings is not None  # noqa: S101  # there are expressions
        found = expressions.value(rule.program, bindings, what)
        if not isinstance(found, bool):
            raise Refused(
                f"oidc: error evaluating {what}: validation expression must return a boolean"
            )
        if not found:
            raise Refused(
                f"oidc: error evaluating {what}: validation expression "
                f"'{rule.program.expression}' failed: {rule.message}"
            )
