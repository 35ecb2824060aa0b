"""The objects that a binding gives a policy as parameters."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from protocube import selectors
from protocube_server.storage import paging

if TYPE_CHECKING:
    from protocube_server.admission.policies.policy import Binding, Policy
    from protocube_server.admission.write import Write
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Store

MOST: Final = 1000
"""Objects that one binding may choose by their labels."""
_PAGE: Final = 200


class Misconfigured(Exception):
    """A policy or a binding cannot be followed; ``str()`` is what Kubernetes says then."""


def kind_of(policy: Policy, write: Write) -> Kind | None:
    """Return the kind of a policy's parameters; ``None`` when there is no such kind."""
    if policy.param_kind is None:
        return None
    return write.call.edition.kinds.for_reference(*policy.param_kind)


async def of(store: Store, policy: Policy, binding: Binding, write: Write) -> list[Any | None]:
    """Return the objects that a policy is asked with, one after the other; ``None`` is none.

    Without any the policy is not asked. Raises :class:`Misconfigured`, and as a store does.
    """
    ref = binding.param_ref
    if policy.param_kind is None or ref is None:
        return [None]
    kind = kind_of(policy, write)
    if kind is None:
        version, name = policy.param_kind
        raise Misconfigured(f"paramKind kind `{version}, Kind={name}` not known")
    namespace = _namespace(kind, ref.namespace, write)
    found: list[Any | None]
    if ref.name:
        record = await store.get(kind.key(namespace, ref.name))
        found = [] if record is None else [kind.read(record)]
    else:
        found = await _selected(store, kind, namespace, ref.selector)
    if not found and ref.parameter_not_found_action == "Deny":
        raise Misconfigured(
            "no params found for policy binding with `Deny` parameterNotFoundAction"
        )
    return found


def _namespace(kind: Kind, wanted: str, write: Write) -> str:
    if not kind.resource.namespaced:
        if wanted:
            raise Misconfigured(
                "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
            )
        return ""
    namespace = wanted or write.namespace
    if not namespace:
        raise Misconfigured(
            "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
        )
    return namespace


async def _selected(store: Store, kind: Kind, namespace: str, chosen: Any) -> list[Any | None]:
    selector = selectors.of_label_selector(chosen)
    if selector is None:
        raise Misconfigured("paramRef.selector has an operator that is not known")
    found: list[Any | None] = []
    async with aclosing(paging.pages(store, kind.prefix(namespace), limit=_PAGE)) as pages:
        async for page in pages:
            for record in page.records:
                message = kind.read(record)
                if selector.matches(message.metadata.labels):
                    found.append(message)
            if len(found) > MOST:
                raise Misconfigured(f"paramRef.selector chooses more than {MOST} objects")
    return found
