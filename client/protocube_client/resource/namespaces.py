"""Which namespace an object goes to: the decorators of the walk."""

from __future__ import annotations

from protocube.errors import quote
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.info import Info, ListInfo


class SetNamespace:
    """Puts objects without a namespace into the default one."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    async def __call__(self, info: Info) -> None:
        """Set the namespace where the kind has one and the object does not say."""
        if _namespaced(info) and not info.namespace:
            info.set_namespace(self._namespace)


class RequireNamespace:
    """Refuses objects of another namespace than the one that was asked for."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    async def __call__(self, info: Info) -> None:
        """Set the namespace, or raise :class:`ManifestError` when the object has another."""
        if not _namespaced(info):
            return
        if not info.namespace:
            info.set_namespace(self._namespace)
        elif info.namespace != self._namespace:
            message = (
                f"the namespace from the provided object {quote(info.namespace)} does not match "
                f"the namespace {quote(self._namespace)}. You must pass "
                f"'--namespace={info.namespace}' to perform this operation."
            )
            raise ManifestError(message, line=info.line)


class FilterNamespace:
    """Takes the namespace off objects that live in none."""

    async def __call__(self, info: Info) -> None:
        """Clear the namespace of a cluster-scoped object."""
        if not isinstance(info, ListInfo) and not info.namespaced and info.namespace:
            info.set_namespace("")


def _namespaced(info: Info) -> bool:
    # A list that was not opened has items of many scopes.
    return not isinstance(info, ListInfo) and info.namespaced
