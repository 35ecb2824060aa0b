"""Checks the expressions of a policy when it is written: a wrong one is refused at once.

Kubernetes lets a misspelt field pass, and finds it out at every write that the policy is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protocube import errors
from protocube_server import turns
from protocube_server.admission.policies import matching
from protocube_server.admission.policies.policy import of_mutating, of_validating
from protocube_server.admission.policies.programs import DYN, any_object, types_for
from protocube_server.admission.state import (
    MUTATING_POLICY,
    MUTATING_WEBHOOKS,
    VALIDATING_POLICY,
    VALIDATING_WEBHOOKS,
)
from protocube_server.admission.webhooks.hook import SERVICE, of_configuration
from protocube_server.cel.faults import NotInstalled
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube.steps import Steps
    from protocube_server.admission.policies.matching import Match
    from protocube_server.admission.policies.policy import Policy
    from protocube_server.admission.policies.programs import Compiled, Programs
    from protocube_server.admission.write import Write
    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind

_MOST_SHOWN: Final = 1000
"""Characters of an expression that a refusal repeats."""
MOST_EXPRESSIONS: Final = 256
"""Of a policy: each is compiled for every kind that it is for."""
_OTHERS: Final = "other kinds"
_CHECKED: Final = (VALIDATING_POLICY, MUTATING_POLICY, VALIDATING_WEBHOOKS, MUTATING_WEBHOOKS)


class _Otherwise(NamedTuple):
    """How the write of a subresource is asked about, where that is not as in Kubernetes."""

    text: str
    operations: frozenset[str] = frozenset()
    """Those of rules that it is asked about all the same."""


_OTHERWISE: Final = {
    "eviction": _Otherwise("nothing is asked about evictions, but about the DELETE of the object"),
    "binding": _Otherwise(
        "a binding is an UPDATE of the object here, and no CREATE", frozenset({"UPDATE", "*"})
    ),
    "token": _Otherwise(
        "nothing is asked about tokens: the right to create them is given by roles"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A kind that a policy is for."""

    name: str
    shown: str | None
    """As Kubernetes shows it; ``None`` for all kinds that no rule names."""
    steps: Steps[Compiled]


class PolicyWrites:
    """Looks at policies as they are written."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs

    def concern(self, kind: Kind) -> bool:
        """Tell whether a kind is one of policies."""
        return kind.resource.message in _CHECKED

    async def validate(self, write: Write) -> None:
        """Refuse a policy whose expressions are wrong, and warn of those that fit some kinds only.

        Raises ``errors.Invalid``, and ``errors.Forbidden`` where there is no CEL.
        """
        new, old = write.new, write.old
        if new is None or write.subresource or write.kind.resource.message not in _CHECKED:
            return
        if old is not None and _meaning(old) == _meaning(new):
            return
        try:
            faults = [
                fault for policy in _policies(write) for fault in await self._faults(policy, write)
            ]
        except NotInstalled as error:
            raise write.forbidden(str(error)) from None
        for index, hook in enumerate(getattr(new, "webhooks", ())):
            if hook.client_config.HasField("service"):
                place = f"webhooks[{index}].clientConfig.service"
                write.call.warnings.append(f"{place}: {SERVICE}")
        write.call.warnings += _unasked(write)
        if faults:
            raise errors.invalid(write.kind.resource.qualified_kind, write.name, faults)

    async def _faults(self, policy: Policy, write: Write) -> list[errors.Violation]:
        """Return what fits none of the kinds that the policy is for."""
        expressions = policy.expressions()
        if len(expressions) > MOST_EXPRESSIONS:
            return [violations.too_many("spec", len(expressions), MOST_EXPRESSIONS)]
        tried = [
            (each.name, await turns.returned(each.steps))
            for each in self._compiled(policy, write.call.edition, write.kind)
        ]
        found = []
        # What is made of objects of any kind shows when there is one.
        of_some = [what for what, _ in tried] == [_OTHERS]
        for expression in expressions:
            if of_some and expression in policy.mutations:
                continue
            wrong = [
                (what, fault)
                for what, compiled in tried
                for each, fault in compiled.faults
                if each.place == expression.place
            ]
            if len(wrong) == len(tried):
                (_, fault) = wrong[0]
                shown = expression.text
                if len(shown) > _MOST_SHOWN:
                    shown = f"{shown[:_MOST_SHOWN]}..."
                found.append(violations.invalid(expression.place, shown, str(fault)))
                continue
            for what, fault in wrong:
                first, *_ = str(fault).splitlines()
                write.call.warnings.append(f"{expression.place}: not for {what}: {first}")
        return found

    async def type_warnings(
        self, message: Any, edition: Edition, own: Kind
    ) -> Sequence[tuple[str, str]]:
        """Return what does not fit some of the kinds that a validating policy is for.

        Each is a place in the policy and what Kubernetes' type checking says of it. ``own`` is the
        kind of the policy.
        """
        policy = of_validating(message)
        if len(policy.expressions()) > MOST_EXPRESSIONS:
            return ()
        warnings: dict[str, list[str]] = {}
        try:
            for tried in self._compiled(policy, edition, own):
                if tried.shown is None:
                    continue
                compiled = await turns.returned(tried.steps)
                for expression, fault in compiled.faults:
                    if expression.place.startswith("spec.validations["):
                        said = f"{tried.shown}: {fault}\n"
                        warnings.setdefault(expression.place, []).append(said)
        except NotInstalled:
            return ()
        return [(place, "\n".join(said)) for place, said in warnings.items()]

    def _compiled(self, policy: Policy, edition: Edition, own: Kind) -> Iterator[_Tried]:
        """Yield what compiles a policy, whose kind is ``own``, for each kind that it is for."""
        kinds = tuple(edition.kinds)
        params = None
        if policy.param_kind is not None:
            kind = edition.kinds.for_reference(*policy.param_kind)
            params = kind.resource.message if kind is not None else DYN
        named = dict.fromkeys(matching.kinds_named(policy.match, kinds))
        for kind, part in named:
            resource = kind.resource
            near = params
            if near not in (None, DYN) and not _is_near(edition, near, kind):
                near = DYN
            message = _type(kind, part)
            of = types_for(
                message,
                has_new=True,
                has_old=True,
                has_namespace=True,
                params=near,
            )
            shadows = self._programs.shadows_for(edition, kind, policy, message)
            what = f"{resource.qualified}/{part}" if part else resource.qualified
            steps = self._programs.compile(policy, shadows, of)
            yield _Tried(name=what, shown=resource.group_version_kind, steps=steps)
        if not named or not matching.names_all(policy.match, kinds):
            any_ = own.resource.message
            shadows = self._programs.shadows_for(edition, own, policy, any_)
            of = types_for(DYN, has_new=True, has_old=True, has_namespace=True, params=params)
            steps = self._programs.compile(policy, shadows, any_object(of))
            yield _Tried(name=_OTHERS, shown=None, steps=steps)


def _unasked(write: Write) -> list[str]:
    """Return what to warn of: rules of a policy or a configuration for what is never asked."""
    found: dict[str, None] = {}
    for match in _matches(write):
        for rule in match.rules:
            for plural, part in rule.resources:
                known = _OTHERWISE.get(part)
                if known is not None and not rule.operations & known.operations:
                    found[f"{plural}/{part}: {known.text}"] = None
    return list(found)


def _matches(write: Write) -> list[Match]:
    """Return the rules of a policy, or those of each webhook."""
    if "webhooks" in write.new.DESCRIPTOR.fields_by_name:
        return [hook.policy.match for hook in of_configuration(write.new)]
    return [policy.match for policy in _policies(write)]


def _meaning(message: Any) -> Any:
    """Return what of a policy or a configuration expressions are in."""
    is_configuration = "webhooks" in message.DESCRIPTOR.fields_by_name
    return list(message.webhooks) if is_configuration else message.spec


def _policies(write: Write) -> list[Policy]:
    """Return a policy, or those that webhooks with conditions are."""
    message = write.kind.resource.message
    if message == VALIDATING_POLICY:
        return [of_validating(write.new)]
    if message == MUTATING_POLICY:
        return [of_mutating(write.new)]
    found = [hook.policy for hook in of_configuration(write.new)]
    return [policy for policy in found if policy.conditions]


def _is_near(edition: Edition, message: str | None, kind: Kind) -> bool:
    found = edition.kinds.for_message(message or "")
    return found is not None and found.resource.pool is kind.resource.pool


def _type(kind: Kind, part: str) -> Any:
    if part == "scale" and kind.has_scale:
        return kind.scales.message_class.DESCRIPTOR.full_name
    return kind.resource.message
