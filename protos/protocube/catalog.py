"""The resources that a set of descriptors describes.

Server and command line hold no table of kinds: both read this. The classes it gives
come from a descriptor pool of its own, so a kind that is only known at run time and
one that was generated take the same path.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2, message_factory

from protocube import file_order, memo, packed_files, pools
from protocube.api.v1 import group_version_pb2, resource_pb2
from protocube.codegen import service_names, services
from protocube.version_order import precedence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.descriptor import Descriptor, ServiceDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

IMAGE = "descriptors.binpb"
"""The shipped descriptor image, beside this module."""
BARE_IMAGE = "bare_descriptors.binpb"
"""The same without comments: half the bytes, and read in a fifth of the time."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind, as its descriptor says it. Equal descriptors give equal resources."""

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    short_names: tuple[str, ...]
    categories: tuple[str, ...]
    namespaced: bool
    columns: tuple[resource_pb2.Column, ...]
    subresources: frozenset[resource_pb2.Subresource.ValueType]
    name_format: resource_pb2.NameFormat.ValueType
    message: str
    """The full name of the message."""
    service: str
    """The full name of the typed service."""
    options: resource_pb2.Resource
    """The option with all names filled in."""
    pool: DescriptorPool | pools.View | pools.Lazy = field(repr=False)
    """Where the descriptors are."""

    @memo.cached_property
    def api_version(self) -> str:
        """``v1``, or ``apps/v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @memo.cached_property
    def qualified(self) -> str:
        """The plural with its group, as in messages and keys: ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @memo.cached_property
    def qualified_kind(self) -> str:
        """The kind with its group: ``Deployment.apps``."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def group_version_kind(self) -> str:
        """The kind as Kubernetes' errors tell it: ``apps/v1, Kind=Deployment``."""
        return f"{self.group}/{self.version}, Kind={self.kind}"

    @property
    def group_version_resource(self) -> str:
        """The plural as Kubernetes' errors tell it: ``apps/v1, Resource=deployments``."""
        return f"{self.group}/{self.version}, Resource={self.plural}"

    @memo.cached_property
    def methods(self) -> tuple[str, ...]:
        """The service's methods, as declared."""
        return tuple(method.name for method in self.service_descriptor.methods)

    @memo.cached_property
    def descriptor(self) -> Descriptor:
        """The message's descriptor."""
        return self.pool.FindMessageTypeByName(self.message)

    @memo.cached_property
    def service_descriptor(self) -> ServiceDescriptor:
        """The service's descriptor."""
        return self.pool.FindServiceByName(self.service)

    @memo.cached_property
    def message_class(self) -> type[Message]:
        """The message's class."""
        return message_factory.GetMessageClass(self.descriptor)

    @memo.cached_property
    def list_class(self) -> type[Message]:
        """What List answers."""
        return self.response_class("List")

    @memo.cached_property
    def create_request_class(self) -> type[Message]:
        """What Create takes."""
        return self.request_class("Create")

    @memo.cached_property
    def update_request_class(self) -> type[Message]:
        """What Update and UpdateStatus take."""
        return self.request_class("Update")

    @memo.cached_property
    def watch_response_class(self) -> type[Message]:
        """What Watch streams."""
        return self.response_class("Watch")

    def request_class(self, method: str) -> type[Message]:
        """What a method takes. Raises ``KeyError`` when the service has none of that name."""
        found = self.service_descriptor.methods_by_name[method]
        return message_factory.GetMessageClass(found.input_type)

    def response_class(self, method: str) -> type[Message]:
        """What a method answers. Raises ``KeyError`` when the service has none of that name."""
        found = self.service_descriptor.methods_by_name[method]
        return message_factory.GetMessageClass(found.output_type)


class Catalog:
    """All resources of a set of descriptors, and the ways to name them."""

    def __init__(
        self,
        files: Iterable[descriptor_pb2.FileDescriptorProto],
        *,
        imported: Sequence[descriptor_pb2.FileDescriptorProto] = (),
        bare: Callable[[descriptor_pb2.FileDescriptorProto], bytes] = pools.bare,
        shared: pools.Shared | None = None,
        lean: Sequence[descriptor_pb2.FileDescriptorProto] | None = None,
        trusted: bool = False,
    ) -> None:
        """Read ``files``, which must be in dependency order; a sequence is held as it is.

        They may import files of ``imported``, whose resources are not the catalog's, and which
        ``bare`` serializes. They are put into a pool of their own, or the ``shared`` one; where
        ``lean`` is given, it is put there in their place: files of the same names that describe
        the same bytes in fewer types. A resource whose service is not among them gets a
        generated one. Raises
        ``ValueError`` when a resource's file has no group version, and ``TypeError`` when
        the files do not fit together; of ``trusted`` ones this is taken for granted, and
        each is looked at when it is needed.
        """
        held = files if isinstance(files, Sequence) else tuple(files)
        given = list(held)
        declared = services.declared(given)
        made = services.missing(given, declared)
        self.files: Sequence[descriptor_pb2.FileDescriptorProto]
        # A pool is shared by many catalogs: what is seldom asked for is packed then.
        kept = made if shared is None else packed_files.PackedFiles(made)
        self.files = packed_files.Joined(imported, held, kept)
        self._is_lean = lean is not None
        pool: DescriptorPool | pools.View
        if trusted:
            pool = pools.of_trusted(self.files)
        else:
            own = [*(given if lean is None else lean), *made]
            serialized = [*map(bare, imported), *map(pools.bare, own)]
            pool = (shared or pools.Shared()).take([*imported, *own], serialized)
        self.pool: pools.Pool = pool
        """Where descriptors are found by name: what the server itself works with."""
        self._index(sorted((self._resource(*item, pool) for item in declared), key=_sorting))

    def _index(self, found: list[Resource]) -> None:
        """Take in the resources; of two with one short name, the earlier one has it."""
        self.preferred = _preferred(found)
        """One version of each kind: what a name without a version means."""
        self.resources = tuple(sorted(found, key=_sorting))
        self._by_kind = {(item.api_version, item.kind): item for item in found}
        self._by_message = {item.message: item for item in found}
        self._by_key = {item.qualified: item for item in found if not item.options.stored_as}
        self._by_word = _words(self.preferred)

    @classmethod
    @functools.cache
    def shipped(cls, *, comments: bool = True) -> Catalog:
        """Return the catalog of the kinds that this package ships.

        Without ``comments`` there are none in its ``files``, and it is there sooner.
        """
        # Not importlib.resources, which takes longer to import than this to run.
        image = Path(__file__).with_name(IMAGE if comments else BARE_IMAGE).read_bytes()
        return cls(descriptor_pb2.FileDescriptorSet.FromString(image).file, trusted=True)

    @classmethod
    def from_image(cls, image: bytes) -> Catalog:
        """Return the catalog of a serialised ``FileDescriptorSet`` with its imports."""
        return cls(descriptor_pb2.FileDescriptorSet.FromString(image).file)

    def bare(self, file: descriptor_pb2.FileDescriptorProto) -> bytes:
        """Return one of the files serialized without comments; the same bytes each time."""
        known = self._bare.get(file.name)
        if known is None:
            known = self._bare[file.name] = pools.bare(file)
        return known

    @memo.cached_property
    def _bare(self) -> dict[str, bytes]:
        return {}

    def for_kind(self, api_version: str, kind: str) -> Resource | None:
        """Find a resource as a manifest names it."""
        return self._by_kind.get((api_version, kind))

    def for_plural(self, api_version: str, plural: str) -> Resource | None:
        """Find a resource as a path of Kubernetes' API names it."""
        named = (api_version, plural)
        return next(
            (item for item in self.resources if (item.api_version, item.plural) == named), None
        )

    def moved_to(self, api_version: str, kind: str) -> tuple[str, ...]:
        """Return the API versions, preferred ones, in which a manifest's kind is served now.

        There are some when the group of ``api_version`` is the kind's, or was it before.
        Kinds of other groups that are called the same are other kinds.
        """
        group = api_version.rpartition("/")[0]
        return tuple(
            item.api_version
            for item in self.preferred
            if item.kind == kind and group in (item.group, *item.options.former_groups)
        )

    def for_message(self, full_name: str) -> Resource | None:
        """Find a resource by its message's full name."""
        return self._by_message.get(full_name)

    def files_declaring(
        self, symbols: Iterable[str]
    ) -> dict[str, descriptor_pb2.FileDescriptorProto]:
        """Return the files of ``symbols`` by name, behind the files that they import.

        Raises ``KeyError`` with a symbol that no file declares.
        """
        names = set()
        for symbol in symbols:
            try:
                names.add(self.declaring(symbol))
            except KeyError:
                raise KeyError(symbol) from None
        by_name = {file.name: file for file in self.files}
        return file_order.with_imports(sorted(names), by_name)

    def declaring(self, symbol: str) -> str:
        """Return the name of the file that declares a symbol. Raises ``KeyError``."""
        try:
            name: str = self.pool.FindFileContainingSymbol(symbol).name
        except KeyError:
            # What the pool has instead is another type.
            if not self._is_lean or not symbol.startswith(tuple(self._by_message)):
                raise
            return pools.declaring(self.files, symbol)
        return name

    def shown(self) -> pools.Pool:
        """Return a pool of the files as clients get them.

        It is made anew where the server itself works with less: hold it no longer than needed.
        """
        return pools.of_trusted(self.files) if self._is_lean else self.pool

    def find(self, text: str) -> Resource | None:
        """Find a resource as a person names it.

        ``text`` is a plural, singular, short name or kind in any case, alone or
        followed by ``.group`` or ``.version.group``.
        """
        word, _, rest = text.lower().partition(".")
        if not rest:
            return self._by_word.get(word)
        for item in (*self.preferred, *self.resources):
            words = (item.plural, item.singular, item.kind.lower(), *item.short_names)
            if word in words and rest in (item.group, f"{item.version}.{item.group}"):
                return item
        return None

    def stored(self, qualified: str) -> Resource | None:
        """Find the resource in whose form objects are stored under a plural with its group.

        Several versions of a kind share their objects, and all but one of them name that
        one as ``stored_as``.
        """
        return self._by_key.get(qualified)

    def stored_form(self, resource: Resource) -> Resource:
        """Return the resource in whose form objects of ``resource`` are stored; often itself.

        Raises ``ValueError`` when there is none, or when it is not the only one.
        """
        name = resource.options.stored_as
        form = self.for_message(name) if name else resource
        if form is None or form.options.stored_as:
            raise ValueError(
                f"{resource.message}: stored_as names {name}, which is not stored itself"
            )
        if self.stored(form.qualified) is not form:
            raise ValueError(
                f"{form.message} is stored as {form.qualified}, and so is another version of it: "
                "all but one must name that one as stored_as"
            )
        return form

    def in_category(self, name: str) -> tuple[Resource, ...]:
        """Return the resources of a category such as ``all``."""
        return tuple(item for item in self.preferred if name in item.categories)

    def _resource(
        self,
        file: descriptor_pb2.FileDescriptorProto,
        message: descriptor_pb2.DescriptorProto,
        option: resource_pb2.Resource,
        pool: DescriptorPool | pools.View,
    ) -> Resource:
        if not file.options.HasExtension(group_version_pb2.group_version):
            raise ValueError(
                f"{file.name}: {message.name} is a resource, but the file has no group_version"
            )
        group_version = file.options.Extensions[group_version_pb2.group_version]
        names = service_names.Names.of(message.name, option)
        options = resource_pb2.Resource()
        options.CopyFrom(option)
        options.kind = option.kind or message.name
        options.singular = option.singular or options.kind.lower()
        options.service = names.service
        options.scope = option.scope or resource_pb2.SCOPE_NAMESPACED
        options.name_format = option.name_format or resource_pb2.NAME_FORMAT_DNS_SUBDOMAIN
        return Resource(
            group=group_version.group,
            version=group_version.version,
            kind=options.kind,
            plural=options.plural,
            singular=options.singular,
            short_names=tuple(options.short_names),
            categories=tuple(options.categories),
            namespaced=options.scope == resource_pb2.SCOPE_NAMESPACED,
            columns=tuple(options.columns),
            subresources=frozenset(options.subresources),
            name_format=options.name_format,
            message=f"{file.package}.{message.name}",
            service=f"{file.package}.{names.service}",
            options=options,
            pool=pool,
        )


def _sorting(resource: Resource) -> tuple[str, str, str]:
    return resource.group, resource.version, resource.plural


def _preferred(resources: list[Resource]) -> tuple[Resource, ...]:
    newest: dict[tuple[str, str], Resource] = {}
    for item in resources:
        rival = newest.get((item.group, item.plural))
        if rival is None or precedence(item.version) > precedence(rival.version):
            newest[item.group, item.plural] = item
    return tuple(newest.values())


def _words(resources: tuple[Resource, ...]) -> dict[str, Resource]:
    words: dict[str, Resource] = {}
    for item in resources:
        for word in (item.plural, item.singular, item.kind.lower()):
            words.setdefault(word, item)
    # Last: a full name must never lose against another kind's short name.
    for item in resources:
        for word in item.short_names:
            words.setdefault(word, item)
    return words
