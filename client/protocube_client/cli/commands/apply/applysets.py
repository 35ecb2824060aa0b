"""``cubectl apply --applyset``: a parent object says which kinds and namespaces a set has.

The members of the set have its id as a label. An apply therefore finds what the last one has
applied without listing all kinds, also when another person has applied it. It is Kubernetes'
ApplySet specification.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import protocube
from protocube import errors
from protocube.errors import quote
from protocube.manifests import json_text
from protocube_client.cli.commands.apply.leftovers import Deletion
from protocube_client.cli.failures import CommandError, UnknownKindError
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.resource.helper import Helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protocube.catalog import Resource
    from protocube_client.cli.applying.pruning import Visited
    from protocube_client.cli.commands.apply.options import ApplyOptions
    from protocube_client.cli.session import Session
    from protocube_client.resource.info import Info

_PREFIX: Final = "applyset.kubernetes.io"
_ID, _PART_OF = f"{_PREFIX}/id", f"{_PREFIX}/part-of"
_TOOLING = f"{_PREFIX}/tooling"
_KINDS = f"{_PREFIX}/contains-group-kinds"
_NAMESPACES = f"{_PREFIX}/additional-namespaces"
_TOOL: Final = "cubectl"
_PARENTS = frozenset({"protocube.core.v1.ConfigMap", "protocube.core.v1.Secret"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Where the members of a set can be."""

    kinds: dict[str, Resource]
    """By ``Kind.group``."""
    namespaces: frozenset[str]

    def joined(self, other: Members) -> Members:
        """Return where the members of either can be."""
        return Members(
            kinds={**self.kinds, **other.kinds}, namespaces=self.namespaces | other.namespaces
        )


_NONE = Members(kinds={}, namespaces=frozenset())


class ApplySet:
    """A set of objects that are applied together."""

    def __init__(
        self,
        parent: Resource,
        name: str,
        namespace: str,
        *,
        options: ApplyOptions,
        session: Session,
    ) -> None:
        self._parent = parent
        self._name = name
        self._namespace = namespace
        self._options = options
        self._session = session
        self._last = self._next = _NONE
        self._shown = quote(f"{parent.plural}.{parent.group}/{name}")

    @property
    def id(self) -> str:
        """What the label of members says: a hash of the parent's name."""
        named = f"{self._name}.{self._namespace}.{self._parent.kind}.{self._parent.group}"
        digest = hashlib.sha256(named.encode()).digest()
        return f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"

    def label(self, infos: Iterable[Info]) -> None:
        """Put the label of members on objects.

        Raises :class:`CommandError` for an object whose manifest has such a label.
        """
        for info in infos:
            message: Any = info.object
            if _PART_OF in message.metadata.labels:
                raise CommandError(f"ApplySet label {quote(_PART_OF)} already set in input data")
            info.set_label(_PART_OF, self.id)

    async def begin(self, infos: Sequence[Info]) -> None:
        """Read the parent, and write into it where new members will be before there are any.

        No member is lost that way when the run is cut off. Raises :class:`CommandError`.
        """
        self._last = await self._read()
        self._next = Members(
            kinds={info.mapping.qualified_kind: info.mapping for info in infos},
            namespaces=frozenset(info.namespace for info in infos if info.namespaced),
        )
        await self._write(self._last.joined(self._next))

    async def prune(self, visited: Visited) -> None:
        """Delete the members that were not visited, and let the parent forget them."""
        deletion = Deletion(self._options, self._session)
        found = [pair for pair in await self._members() if pair[1].metadata.uid not in visited.uids]
        for resource, message in found:
            try:
                await deletion.delete(resource, message)
            except errors.ApiError as error:
                where = message.metadata.namespace
                named = f"{where}/{message.metadata.name}" if where else message.metadata.name
                told = f"pruning {resource.qualified_kind} {named}: {error.message}"
                raise CommandError(told) from None
        await deletion.wait()
        try:
            await self._write(self._next)
        except CommandError as error:
            told = f"apply and prune succeeded, but ApplySet update failed: {error}"
            raise CommandError(told) from None

    async def _members(self) -> list[tuple[Resource, Any]]:
        """Return the objects with the set's label, where members were before this run."""
        found: list[tuple[Resource, Any]] = []
        for resource in self._last.kinds.values():
            places = sorted(self._last.namespaces) if resource.namespaced else [""]
            for namespace in places:
                try:
                    listing = await self._session.client.list(
                        resource.message_class,
                        namespace=namespace,
                        label_selector=f"{_PART_OF}={self.id}",
                    )
                except errors.ApiError as error:
                    kind = resource.group_version_kind
                    told = f"listing {kind} objects for pruning: {error.message}"
                    raise CommandError(told) from None
                found += [(resource, message) for message in listing]
        return found

    async def _read(self) -> Members:
        """Return the members that the parent knows of; none when there is no parent."""
        try:
            parent: Any = await self._session.client.get(
                self._parent.message_class, self._name, namespace=self._namespace
            )
        except errors.NotFound:
            return _NONE
        except errors.ApiError as error:
            told = f"failed to fetch ApplySet parent object {self._shown}: {error.message}"
            raise CommandError(told) from None
        annotations, labels = parent.metadata.annotations, parent.metadata.labels
        self._check(annotations.get(_TOOLING), labels.get(_ID))
        if _KINDS not in annotations:
            raise CommandError(
                f"parsing ApplySet annotation on {self._shown}: {_TOOL} requires the "
                f"{quote(_KINDS)} annotation to be set on all ApplySet parent objects"
            )
        namespaces = {*filter(None, annotations.get(_NAMESPACES, "").split(",")), self._namespace}
        return Members(
            kinds=await self._kinds(filter(None, annotations[_KINDS].split(","))),
            namespaces=frozenset(namespaces),
        )

    def _check(self, tooling: str | None, found_id: str | None) -> None:
        """Raise :class:`CommandError` for a parent that another tool or another set has."""
        exists = f"ApplySet parent object {self._shown}"
        if tooling is None:
            raise CommandError(
                f"{exists} already exists and is missing required annotation {quote(_TOOLING)}"
            )
        tool = tooling.rpartition("/")[0] or tooling
        if tool != _TOOL:
            raise CommandError(
                f"{exists} already exists and is managed by tooling {quote(tool)} "
                f"instead of {quote(_TOOL)}"
            )
        if found_id is None:
            raise CommandError(f"{exists} exists and does not have required label {_ID}")
        if found_id != self.id:
            raise CommandError(
                f"{exists} exists and has incorrect value for label {quote(_ID)} "
                f"(got: {found_id}, want: {self.id})"
            )

    async def _kinds(self, names: Iterable[str]) -> dict[str, Resource]:
        found: dict[str, Resource] = {}
        for name in names:
            resource = await self._session.kinds.find(name)
            if resource is None:
                kind, _, group = name.partition(".")
                raise CommandError(
                    f"parsing ApplySet annotation on {self._shown}: could not find mapping for "
                    f"kind in {quote(_KINDS)} annotation: no matches for kind {quote(kind)} in "
                    f"group {quote(group)}"
                )
            found[name] = resource
        return found

    async def _write(self, members: Members) -> None:
        """Let the parent say where members can be, and own that part of it."""
        if self._options.dry_run is DryRun.CLIENT:
            return
        namespaces = sorted(members.namespaces - {self._namespace})
        manifest = {
            "apiVersion": self._parent.api_version,
            "kind": self._parent.kind,
            "metadata": {
                "name": self._name,
                "namespace": self._namespace,
                "annotations": {
                    _TOOLING: f"{_TOOL}/v{protocube.__version__}",
                    _KINDS: ",".join(sorted(members.kinds)),
                    _NAMESPACES: ",".join(namespaces),
                },
                "labels": {_ID: self.id},
            },
        }
        helper = Helper(
            self._session.connection,
            self._parent,
            dry_run=self._options.dry_run is DryRun.SERVER,
            field_manager=f"{_TOOL}-applyset",
            validation=self._options.validation,
        )
        try:
            await helper.apply(
                self._name, json_text.compact(manifest), namespace=self._namespace, force=True
            )
        except errors.ApiError as error:
            raise CommandError(f"failed to update ApplySet: {error.message}") from None


async def of(options: ApplyOptions, session: Session) -> ApplySet:
    """Return the set that the options name: ``KIND/NAME``, a Secret where no kind is named.

    Raises :class:`CommandError`.
    """
    word, slash, name = options.applyset.partition("/")
    if not slash:
        word, name = "secrets", options.applyset
    wrong = f"invalid parent reference {quote(options.applyset)}"
    if not name:
        raise CommandError(f"{wrong}: name cannot be blank")
    parent = await session.kinds.find(word)
    if parent is None:
        raise CommandError(f"{wrong}: {UnknownKindError(word)}")
    if parent.namespaced and not session.settings.namespace_given:
        raise CommandError("namespace is required to use namespace-scoped ApplySet")
    if parent.message not in _PARENTS:
        shown = quote(parent.group_version_resource)
        raise CommandError(f"resource {shown} is not permitted as an ApplySet parent")
    return ApplySet(parent, name, session.settings.namespace, options=options, session=session)
