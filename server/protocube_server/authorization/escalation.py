"""Nobody gives away rights that they do not have: asked when roles and bindings are written.

Nor does anybody make users, by deciding about certificates, without the right to (:mod:`signing`).

The rules are those of Kubernetes' ``pkg/registry/rbac`` (policybased). An update or an apply that
creates its object is asked for the right to create it, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.quoting import quote
from protocube_server import turns
from protocube_server.authorization import covering, roles, rules, signing, texts
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.following import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
)
from protocube_server.authorization.rights import not_found
from protocube_server.authorization.roles import GROUP
from protocube_server.calls.admission import AdmitsAll
from protocube_server.calls.user import MASTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube_server.authorization.authorizer import Authorizer
    from protocube_server.authorization.roles import Key
    from protocube_server.authorization.rules import Rule
    from protocube_server.calls.call import Call

_BINDINGS: Final = (ROLE_BINDING, CLUSTER_ROLE_BINDING)
_OF_THE_COLLECTOR: Final = ("owner_references", "finalizers", "managed_fields", "resource_version")
"""What may change without a look at rights, so that objects can always be collected."""


class Escalation(AdmitsAll):
    """See :class:`~protocube_server.calls.admission.Admission`."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer
        self._rights = authorizer.rights
        self._checks = {
            ROLE: self._role,
            CLUSTER_ROLE: self._role,
            ROLE_BINDING: self._binding,
            CLUSTER_ROLE_BINDING: self._binding,
        }

    async def validate(self, call: Call, old: Any, new: Any) -> None:
        """Raise ``errors.Forbidden`` when the caller gives away what it does not have.

        The caller of a binding is warned when its role does not exist.
        """
        if new is None:
            return
        if call.kind.resource.message in _BINDINGS:
            self._warn_of_missing(call, new)
        if MASTERS in call.user.groups:
            return
        if old is None and call.verb.word != "create":
            self._require_create(call, new)
        if call.kind.resource.message == signing.REQUEST and old is not None:
            signing.require(self._authorizer, call, old, new)
        check = self._checks.get(call.kind.resource.message)
        if check is not None and (old is None or not _is_for_the_collector(old, new)):
            await check(call, old, new)

    def _warn_of_missing(self, call: Call, binding: Any) -> None:
        role = roles.role_named(binding)
        if not self._authorizer.is_current or self._rights.rules_of_role(role) is not None:
            return
        text = f"the binding gives no rights: {not_found(role)}"
        if text not in call.warnings:  # A patch may be tried again.
            call.warnings.append(text)

    def _require_create(self, call: Call, new: Any) -> None:
        resource, metadata = call.kind.resource, new.metadata
        place = metadata.namespace
        asked = Attributes("create", resource.group, resource.plural, "", place, metadata.name)
        self._authorizer.require(call.user, asked)

    async def _role(self, call: Call, old: Any, new: Any) -> None:
        metadata = new.metadata
        name = metadata.name if call.target.name and call.verb.word != "create" else ""
        asked = Attributes(
            "escalate", GROUP, call.kind.resource.plural, "", metadata.namespace, name
        )
        if self._authorizer.allows(call.user, asked):
            return
        await self._require_held(call, new, map(rules.of_message, new.rules))
        if _collects(new) or (old is not None and _collects(old)):
            held, _ = self._rights.rules_of(call.user, "")
            if covering.missing(held, rules.EVERYTHING):
                raise _forbidden(call, new, texts.AGGREGATION)

    async def _binding(self, call: Call, old: Any, new: Any) -> None:
        del old
        role = roles.role_named(new)
        plural = _plural(role)
        asked = Attributes("bind", GROUP, plural, "", new.metadata.namespace, role.name)
        if self._authorizer.allows(call.user, asked):
            return
        wanted = self._rights.rules_of_role(role)
        if wanted is None:
            raise errors.NotFound(not_found(role), resource=f"{plural}.{GROUP}", name=role.name)
        await self._require_held(call, new, wanted)

    async def _require_held(self, call: Call, new: Any, wanted: Iterable[Rule]) -> None:
        held, missing_roles = self._rights.rules_of(call.user, new.metadata.namespace)
        try:
            missing = await turns.taken(covering.in_turns(held, wanted))
        except covering.TooMany as error:
            raise _forbidden(call, new, texts.TOO_MANY.format(error)) from None
        if missing:
            unresolved = [
                f"{_plural(role)}.{GROUP} {quote(role.name)} not found" for role in missing_roles
            ]
            raise _forbidden(call, new, texts.escalation(call.user, missing, unresolved))


def _plural(role: Key) -> str:
    return "roles" if role.namespace else "clusterroles"


def _collects(role: Any) -> bool:
    if "aggregation_rule" not in role.DESCRIPTOR.fields_by_name:
        return False
    return bool(role.HasField("aggregation_rule"))


def _forbidden(call: Call, new: Any, text: str) -> errors.Forbidden:
    return errors.forbidden(call.kind.resource.qualified, new.metadata.name, text)


def _is_for_the_collector(old: Any, new: Any) -> bool:
    """Tell whether a write changes nothing but what the collector works with."""
    before, after = type(old)(), type(new)()
    for copy, message in ((before, old), (after, new)):
        copy.CopyFrom(message)
        for name in _OF_THE_COLLECTOR:
            copy.metadata.ClearField(name)
    return bool(before == after)
