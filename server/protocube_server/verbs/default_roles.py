"""Makes the default roles and bindings in a store, and gives them back what they lack."""

from __future__ import annotations

import contextlib
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.authorization import covering, default_roles, roles, rules
from protocube_server.authorization.default_roles import AUTOUPDATE, LABELS
from protocube_server.authorization.following import CLUSTER_ROLE, CLUSTER_ROLE_BINDING
from protocube_server.authorization.roles import GROUP, Key
from protocube_server.authorization.subjects import Subject
from protocube_server.calls.user import MASTERS
from protocube_server.storage import paging
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import system_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protocube_server.authorization.default_roles import DefaultBinding, DefaultRole
    from protocube_server.authorization.rules import Rule
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

    Fill = Callable[[Any], None]

_KEPT: Final = "false"
_PAGE: Final = 500
_ADMINISTRATOR: Final = Key("", "cluster-admin")
_MASTERS: Final = frozenset((Subject("Group", MASTERS),))
_LOG = logging.getLogger("protocube.server")


async def bootstrap(api: Api) -> None:
    """Make what does not exist, and add to the others what they lack.

    What an operator has added stays, and so does all of an object whose annotation says so
    (``rbac.authorization.kubernetes.io/autoupdate: "false"``), or that is damaged.
    """
    kinds = api.editions.current.kinds
    of_roles, bindings = kinds.for_message(CLUSTER_ROLE), kinds.for_message(CLUSTER_ROLE_BINDING)
    if of_roles is None or bindings is None:
        return
    for role in default_roles.ROLES:
        await _settle(api, of_roles, role.name, _role_filler(role))
    for binding in default_roles.BINDINGS:
        await _settle(api, bindings, binding.role, _binding_filler(binding))


async def has_administrators(api: Api) -> bool:
    """Tell whether a binding makes somebody an administrator besides the masters."""
    kind = api.editions.current.kinds.for_message(CLUSTER_ROLE_BINDING)
    if kind is None:
        return False
    async with aclosing(paging.pages(api.store, kind.prefix(), limit=_PAGE)) as pages:
        async for page in pages:
            for record in page.records:
                # A damaged one gives no rights.
                with contextlib.suppress(errors.Damaged):
                    binding = roles.binding_of(kind.read(record))
                    if binding.role == _ADMINISTRATOR and binding.subjects - _MASTERS:
                        return True
    return False


def write_rules(message: Any, found: Iterable[Rule]) -> None:
    """Give a role these rules, and no others."""
    del message.rules[:]
    for rule in found:
        message.rules.add(
            verbs=rule.verbs,
            api_groups=rule.api_groups,
            resources=rule.resources,
            resource_names=rule.resource_names,
            non_resource_urls=rule.non_resource_urls,
        )


async def _settle(api: Api, kind: Kind, name: str, fill: Fill) -> None:
    key = kind.key("", name)
    while True:
        record: Record | None = await api.store.get(key)
        try:
            if record is None:
                await api.store.create(key, _made(api, kind, name, fill))
            else:
                value = _mended(kind, record, fill)
                if value != record.value:
                    await api.store.update(key, value, expected=record.mod_revision)
        except ConditionFailed:
            continue  # Another server was faster.
        except errors.Damaged as error:
            _LOG.warning("%s: it gives no rights", error)
        return


def _made(api: Api, kind: Kind, name: str, fill: Fill) -> bytes:
    message = system_fields.of_server(kind, name, api.now())
    message.metadata.labels.update(LABELS)
    message.metadata.annotations[AUTOUPDATE] = "true"
    fill(message)
    kind.defaults.apply(message)
    return kind.encode(message)


def _mended(kind: Kind, record: Record, fill: Fill) -> bytes:
    message = kind.read(record)
    before = kind.encode(message)
    if message.metadata.annotations.get(AUTOUPDATE) == _KEPT:
        return record.value
    fill(message)
    kind.defaults.apply(message)
    after = kind.encode(message)
    return record.value if after == before else after


def _role_filler(role: DefaultRole) -> Fill:
    def fill(message: Any) -> None:
        message.metadata.labels.update(role.labels)
        if role.collects:
            # Its rules are those of other roles, which are looked at all the time.
            if not message.HasField("aggregation_rule"):
                selector = message.aggregation_rule.cluster_role_selectors.add()
                selector.match_labels[role.collects] = "true"
                write_rules(message, default_roles.rules_of(role))
            return
        has = [rules.of_message(each) for each in message.rules]
        missing = covering.missing(has, role.rules)
        if missing:
            given = role.rules if not has else covering.compacted(missing)
            write_rules(message, [*has, *given])

    return fill


def _binding_filler(binding: DefaultBinding) -> Fill:
    def fill(message: Any) -> None:
        reference = message.role_ref
        reference.api_group, reference.kind, reference.name = GROUP, "ClusterRole", binding.role
        has = {(each.kind, each.name) for each in message.subjects}
        for subject in binding.subjects:
            if subject not in has:
                message.subjects.add(kind=subject.kind, name=subject.name, api_group=GROUP)

    return fill
