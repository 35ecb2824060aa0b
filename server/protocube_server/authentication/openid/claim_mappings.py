"""Reads what becomes of the claims of an issuer's tokens, and compiles its expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from protocube_server.authentication.openid import expressions
from protocube_server.authentication.openid.mapping import ClaimMapping, Mapped, Rule
from protocube_server.cel.faults import CompileError, NotInstalled
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.authentication.openid.reading import Node
    from protocube_server.cel.engine import Environment, Program

_BOTH: Final = "claim and expression can't both be set"
_NONE: Final = "claim or expression is required"
_NO_PREFIX: Final = (
    "prefix is required when claim is set. It can be set to an empty string to disable prefixing"
)
_UNVERIFIED: Final = (
    "claims.email_verified must be used in claimMappings.username.expression or "
    "claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when "
    "claims.email is used in claimMappings.username.expression"
)
_KEY: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/.+")
_OURS: Final = ("k8s.io", "kubernetes.io")


def read(entry: Node) -> ClaimMapping:
    """Return what an entry of ``jwt`` says; what is wrong with it is noted there."""
    required, rules = _validation(entry)
    mappings = entry.node("claimMappings", {"username", "groups", "uid", "extra"})
    if mappings is None:
        path = entry.path("claimMappings", "username")
        entry.fault(violations.required(path, _NONE), "claimMappings")
        return ClaimMapping(username=Mapped())
    username = _prefixed(mappings, "username", is_required=True)
    extra = _extra(mappings)
    _require_verified(
        mappings, username, [*(rule.program for rule in rules), *dict(extra).values()]
    )
    return ClaimMapping(
        username=username,
        groups=_prefixed(mappings, "groups", is_required=False),
        uid=_uid(mappings),
        extra=extra,
        required=required,
        rules=rules,
        user_rules=_user_rules(entry),
    )


def _compile(
    node: Node, key: str, environment: Callable[[], Environment], results: tuple[str, ...]
) -> Program | None:
    expression = node.text(key)
    try:
        return environment().compile(expression, results=results)
    except CompileError as error:
        text = str(error)
        told = text if text.startswith("must evaluate") else f"compilation failed: {text}"
    except NotInstalled as error:
        told = str(error)
    node.fault(violations.invalid(node.path(key), expression, told), key)
    return None


def _validation(entry: Node) -> tuple[tuple[tuple[str, str], ...], tuple[Rule, ...]]:
    required: dict[str, str] = {}
    rules: dict[str, Rule] = {}
    keys = {"claim", "requiredValue", "expression", "message"}
    for node in entry.nodes("claimValidationRules", keys):
        claim, expression = node.text("claim"), node.text("expression")
        value, message = node.text("requiredValue"), node.text("message")
        if claim and expression:
            node.fault(violations.invalid(node.path(), claim, _BOTH))
        elif claim:
            if message:
                text = "message can't be set when claim is set"
                node.fault(violations.invalid(node.path("message"), message, text), "message")
            if claim in required:
                node.fault(violations.duplicate(node.path("claim"), claim), "claim")
            required[claim] = value
        elif not expression:
            node.fault(violations.required(node.path(), _NONE))
        else:
            if value:
                text = "requiredValue can't be set when expression is set"
                path = node.path("requiredValue")
                node.fault(violations.invalid(path, value, text), "requiredValue")
            _add_rule(node, rules, expressions.of_claims)
    return tuple(required.items()), tuple(rules.values())


def _user_rules(entry: Node) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for node in entry.nodes("userValidationRules", {"expression", "message"}):
        if not node.text("expression"):
            path = node.path("expression")
            node.fault(violations.required(path, "expression is required"), "expression")
        else:
            _add_rule(node, rules, expressions.of_user)
    return tuple(rules.values())


def _add_rule(node: Node, rules: dict[str, Rule], environment: Callable[[], Environment]) -> None:
    expression = node.text("expression")
    if expression in rules:
        node.fault(violations.duplicate(node.path("expression"), expression), "expression")
        return
    program = _compile(node, "expression", environment, expressions.BOOLEAN)
    if program is not None:
        rules[expression] = Rule(program=program, message=node.text("message"))


def _prefixed(mappings: Node, key: str, *, is_required: bool) -> Mapped:
    node = mappings.node(key, {"claim", "prefix", "expression"})
    if node is None:
        if is_required:
            mappings.fault(violations.required(mappings.path(key), _NONE), key)
        return Mapped()
    claim, prefix = node.text("claim"), node.optional_text("prefix")
    expression = node.text("expression")
    if claim and expression:
        node.fault(violations.invalid(node.path(), "", _BOTH))
    elif expression:
        if prefix is not None:
            text = "prefix can't be set when expression is set"
            node.fault(violations.invalid(node.path("prefix"), prefix, text), "prefix")
        results = expressions.TEXT if is_required else expressions.TEXTS
        program = _compile(node, "expression", expressions.of_claims, results)
        return Mapped(program=program)
    elif claim:
        if prefix is None:
            node.fault(violations.required(node.path("prefix"), _NO_PREFIX))
    elif is_required:
        node.fault(violations.required(node.path(), _NONE))
    return Mapped(claim=claim, prefix=prefix or "")


def _uid(mappings: Node) -> Mapped:
    node = mappings.node("uid", {"claim", "expression"})
    if node is None:
        return Mapped()
    claim, expression = node.text("claim"), node.text("expression")
    if claim and expression:
        node.fault(violations.invalid(node.path(), "", _BOTH))
    elif expression:
        program = _compile(node, "expression", expressions.of_claims, expressions.TEXT)
        return Mapped(program=program)
    return Mapped(claim=claim)


def _extra(mappings: Node) -> tuple[tuple[str, Program], ...]:
    found: dict[str, Program] = {}
    seen: set[str] = set()
    for node in mappings.nodes("extra", {"key", "valueExpression"}):
        key = node.text("key")
        _check_key(node, key)
        if key in seen:
            node.fault(violations.duplicate(node.path("key"), key), "key")
            continue
        seen.add(key)
        if not node.text("valueExpression"):
            path = node.path("valueExpression")
            node.fault(violations.required(path, "valueExpression is required"))
            continue
        program = _compile(node, "valueExpression", expressions.of_claims, expressions.TEXTS)
        if program is not None:
            found[key] = program
    return tuple(found.items())


def _check_key(node: Node, key: str) -> None:
    path = node.path("key")
    if not key:
        node.fault(violations.required(path), "key")
        return
    domain = key.partition("/")[0]
    faults = [
        (not _KEY.fullmatch(key.lower()), "must be a domain-prefixed path (such as acme.io/foo)"),
        (key != key.lower(), "key must be lowercase"),
        (
            domain in _OURS or domain.endswith(tuple(f".{each}" for each in _OURS)),
            "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use",
        ),
    ]
    for is_wrong, text in faults:
        if is_wrong:
            node.fault(violations.invalid(path, key, text), "key")


def _require_verified(mappings: Node, username: Mapped, others: list[Program]) -> None:
    program = username.program
    if program is None or not expressions.uses_email(program.expression):
        return
    if not any(expressions.uses_verified(each.expression) for each in (program, *others)):
        path = mappings.path("username", "expression")
        fault = violations.invalid(path, program.expression, _UNVERIFIED)
        mappings.fault(fault, "username", "expression")
