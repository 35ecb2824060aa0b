"""From compiled files to kinds: their place in a pool, the names that they take, and a trial."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

from google.protobuf import message_factory

from protocube import errors, joined_catalog
from protocube.api.v1 import field_pb2
from protocube.checking.bounds import rule_ids
from protocube.checking.declarations import File
from protocube_server.definitions.door import Refused
from protocube_server.kinds import kept, varints
from protocube_server.kinds.named.functions import Functions
from protocube_server.kinds.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube.catalog import Catalog, Resource
    from protocube.checking.declarations import Message
    from protocube_server.definitions.door import Compiled
    from protocube_server.definitions.entries import Entry
    from protocube_server.definitions.shelves import Shelved, Shelves
    from protocube_server.kinds.defined import Defined

_NUMBERS = 2
"""The field of what is kept with a value in which the door's numbers are."""
_LENGTH_DELIMITED = 2
_PACKAGE = "package:"
"""What the word begins with by which a package is taken."""
Words = tuple[str, ...]


class Part:
    """The kinds of one definition, with their own view of a descriptor pool."""

    def __init__(
        self, catalog: Catalog, compiled: Callable[[], Compiled], defined: Defined, words: Words
    ) -> None:
        self.catalog = catalog
        self.defined = defined
        self.words = words
        """The names that no other definition may have."""
        self._compiled = compiled

    @property
    def files(self) -> Sequence[FileDescriptorProto]:
        """Its own."""
        return self._compiled().files

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Its kinds, a version each."""
        return self.catalog.resources


def build(shelves: Shelves, compiled: Compiled, shared: Functions, defined: Defined) -> Part:
    """Return the kinds of compiled files, put on one of ``shelves``, for ``defined``.

    ``shared`` has the functions that options of shared messages name. Raises ``ValueError`` and
    ``TypeError`` when the files do not fit together.
    """
    shelved = shelves.part(compiled)
    catalog = shelved.catalog
    functions = Functions.merged(shared, compiled.functions)
    defined.compile = lambda: functions
    defined.beside = lambda: shelved.shelf.contract
    words = {*_words(catalog.resources, compiled.list_kinds), *_owned(compiled)}
    return Part(catalog, lambda: compiled, defined, tuple(sorted(words)))


def build_late(
    shelves: Shelves,
    entry: Entry,
    compiled: Callable[[], Compiled],
    shared: Functions,
    defined: Defined,
) -> Part:
    """Return the kinds that an entry tells of; they are ``compiled`` at their first use."""

    @functools.cache
    def merged() -> Functions:
        return Functions.merged(shared, compiled().functions)

    @functools.cache
    def shelved() -> Shelved:
        return shelves.part(compiled())

    owned = (word.removeprefix(_PACKAGE) for word in entry.words if word.startswith(_PACKAGE))
    packages = {*owned, *(item.message.rpartition(".")[0] for item in entry.kinds)}
    catalog = joined_catalog.LazyPart(entry.kinds, lambda: shelved().catalog, packages)
    defined.compile, defined.is_compiled = merged, False
    defined.beside = lambda: shelved().shelf.contract
    return Part(catalog, compiled, defined, entry.words)


def try_out(part: Part, compiled: Compiled, prefix: str) -> None:
    """Prepare all that the kinds need. Raises :class:`Refused` when an option cannot be honoured.

    Rules are compiled type by type, so that a fault has a place. It may take a tenth of a second
    for a giant: a thread can do it.
    """
    faults: list[errors.Violation] = []
    try:
        names = dict.fromkeys((resource.message for resource in part.resources), part.defined)
        registry = Registry(part.catalog, prefix, defined=names)
    except ValueError as error:
        raise Refused([_fault(str(error))]) from error
    for kind in registry:
        try:
            kind.check()
        except ValueError as error:
            faults.append(_fault(str(error)))
    faults = faults or [*_rule_faults(registry, part, compiled)]
    if faults:
        raise Refused(faults)
    part.defined.made.update({kind.resource.message: kind for kind in registry})


def _rule_faults(registry: Registry, part: Part, compiled: Compiled) -> Iterator[errors.Violation]:
    contract = next(iter(registry)).contract
    for proto in compiled.files:
        file = File(proto)
        is_schema = any(
            item.options.Extensions[field_pb2.json_schema] for item in proto.message_type
        )
        for message in file.messages():
            if message.depth > 1 and is_schema:
                continue
            descriptor = part.catalog.pool.FindMessageTypeByName(message.name)
            try:
                contract.prepare(message_factory.GetMessageClass(descriptor))
            except ValueError as error:
                path = _ruled(message, str(error))
                yield _fault(str(file.fault("rule", str(error), symbol=message.name, path=path)))


def _ruled(message: Message, text: str) -> tuple[int, ...]:
    """Return the path of the field that has a rule of which an error speaks, or else the type's."""
    for field, path in message.fields():
        if any(f" {rule}:" in text for rule in rule_ids(field.options)):
            return path
    return message.path


def conflicts(part: Part, others: Iterable[Resource]) -> list[errors.Violation]:
    """Return which names of the kinds are those of others already."""
    taken = {word for other in others for word in _names(other)}
    found = (word for item in part.resources for word in _names(item) if word in taken)
    return [in_use(word) for word in dict.fromkeys(found)]


def short_names_of_others(part: Part, others: Catalog) -> list[str]:
    """Return warnings of short names by which other kinds are found."""
    own = {(resource.group, resource.plural) for resource in part.resources}
    warnings: dict[str, None] = {}
    for resource in part.resources:
        for word in resource.short_names:
            holder = others.find(word)
            if holder is not None and (holder.group, holder.plural) not in own:
                text = f"the short name {errors.quote(word)} is that of {holder.qualified}"
                warnings[f"{text}, which has it still"] = None
    return list(warnings)


def in_use(word: str) -> errors.Violation:
    """Return the fault of a definition one of whose reserved words another one has."""
    name = errors.quote(word.partition(":")[2].partition("@")[0])
    text = f"Invalid value: {name}: {name} is already in use"
    return errors.Violation(field="spec", reason="FieldValueInvalid", message=text)


def digest(definition: Any, numbers: bytes) -> str:
    """Return what tells one schema from another: of what is wanted, and what is kept with it."""
    content = definition.spec.SerializeToString(deterministic=True)
    return hashlib.sha256(len(content).to_bytes(8, "big") + content + numbers).hexdigest()


def numbers_of(value: bytes) -> bytes:
    """Return the door's numbers that are kept with a stored definition; often nothing."""
    held = kept.read(value)
    position = 0
    while position < len(held):
        tag, position = varints.decode(held, position)
        length, begin = varints.decode(held, position)
        position = begin + length
        if tag == _NUMBERS << 3 | _LENGTH_DELIMITED:
            return held[begin:position]
    return b""


def with_numbers(held: bytes, numbers: bytes) -> bytes:
    """Return what to keep with a definition: all that is ``held``, with these numbers."""
    others, position = [], 0
    while position < len(held):
        begin = position
        tag, position = varints.decode(held, position)
        length, position = varints.decode(held, position)
        position += length
        if tag != _NUMBERS << 3 | _LENGTH_DELIMITED:
            others.append(held[begin:position])
    if numbers:
        tag_bytes = varints.encode(_NUMBERS << 3 | _LENGTH_DELIMITED)
        others += [tag_bytes, varints.encode(len(numbers)), numbers]
    return b"".join(others)


def _words(resources: Iterable[Resource], list_kinds: Sequence[str]) -> Iterable[str]:
    for resource in resources:
        yield from _names(resource)
        yield from (f"kind:{kind}@{resource.group}" for kind in list_kinds)


def _names(resource: Resource) -> Iterator[str]:
    """Yield the words of the names that a kind has for itself."""
    for kind in (resource.kind, f"{resource.kind}List"):
        yield f"kind:{kind}@{resource.group}"
    for name in (resource.plural, resource.singular):
        yield f"name:{name}@{resource.group}"
    yield f"symbol:{resource.message}"
    yield f"symbol:{resource.service}"


def _owned(compiled: Compiled) -> Iterable[str]:
    return (f"{_PACKAGE}{package}" for package in compiled.packages)


def _fault(text: str) -> errors.Violation:
    return errors.Violation(
        field="spec", reason="FieldValueInvalid", message=f"Invalid value: {text}"
    )
