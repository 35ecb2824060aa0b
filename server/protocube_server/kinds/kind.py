"""One kind: its resource, prepared for the verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.message import DecodeError, Message

from protocube import descriptor_options, errors, memo, selectors
from protocube.api.v1 import resource_pb2
from protocube_server.kinds import kept, named_fields, splice
from protocube_server.kinds.contract import Contract
from protocube_server.kinds.damage import Damage
from protocube_server.kinds.defaults import Defaults
from protocube_server.kinds.expressible import Expressible
from protocube_server.kinds.generation import Generation
from protocube_server.kinds.message_warnings import MessageWarnings
from protocube_server.kinds.named.conversion import renamed
from protocube_server.kinds.named.functions import NONE, Functions
from protocube_server.kinds.owners import Owners
from protocube_server.kinds.protection import Protection
from protocube_server.kinds.scales import Scales
from protocube_server.kinds.selectable import SelectableFields
from protocube_server.kinds.shared_steps import SharedSteps
from protocube_server.kinds.update_defaults import UpdateDefaults
from protocube_server.kinds.validation import Validation
from protocube_server.storage import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube.catalog import Resource
    from protocube_server.kinds.defined import Defined
    from protocube_server.storage.base import Record

DEFAULT = "default"
"""The namespace that is meant when none is named."""
MOST_TERMS = 1000
"""Terms of a selector, and values in them; Kubernetes' are bounded by the length of a URL."""
NAMESPACE = "protocube.core.v1.Namespace"
"""The message of the one kind whose objects hold others."""
_FOR_WRITES = ("generation", "expressible", "defaults", "update_defaults", "warnings", "validation")
"""What is compiled of a kind, a turn each."""


class Opened(NamedTuple):
    """A record as it was read."""

    message: Any
    """In the kind's own form."""
    answer: bytes
    """As a caller gets it."""


class Kind:
    """What the verbs ask of a kind. Made once at start from the descriptor."""

    def __init__(
        self,
        resource: Resource,
        key_prefix: str,
        *,
        stored: Resource | None = None,
        functions: Functions = NONE,
        contract: Contract | None = None,
        defined: Defined | None = None,
    ) -> None:
        """Prepare ``resource``, whose objects are stored as ``stored``, or else in its own form.

        ``functions`` has what the options of its message and fields name; ``contract`` has the
        rules of its pool, one of its own unless given. ``defined`` is for one that came at run
        time.

        What is compiled from the options is compiled at its first use: a server of
        many kinds is ready before that would be done. Raises ``ValueError`` when
        there is no conversion between the two, no function of a name, or no key can be made of
        the plural.
        """
        self.resource = resource
        self._stored = stored or resource
        keys.require_resource(self._stored.qualified)
        is_own_form = self._stored is resource
        self.review = resource.options.review
        """The name of what answers its objects; empty for a kind whose objects are stored."""
        self.is_stored = is_own_form and not self.review
        """Whether objects are stored, in the kind's own form."""
        self._conversion = None if is_own_form else functions.conversion(resource, self._stored)
        self._given = functions
        self._contract = contract
        self.defined = defined
        """Its definition in the store; ``None`` for a kind that the server brings along."""
        self.has_status = resource_pb2.SUBRESOURCE_STATUS in resource.subresources
        self.has_scale = resource_pb2.SUBRESOURCE_SCALE in resource.subresources
        self.grace = functions.grace(resource)
        """How long an object may take to end; ``None``: its deletion does not wait for it."""
        self.eviction = functions.eviction(resource)
        """What guards its objects against eviction; ``None``: they are not evicted."""
        self.binding = functions.binding(resource)
        """Assigns an object; ``None``: they are not assigned."""
        self.allocation = functions.allocation(resource)
        """Gives an object what no other one may have; ``None``: they are given nothing."""
        self.is_namespace = resource.message == NAMESPACE
        """Whether its objects hold those of namespaced kinds."""
        use = functions.use(resource)
        self.protection = Protection(resource, use) if use is not None else None
        """What keeps its objects while they are used; ``None``: they are not protected."""
        self.notices = _notices(resource)
        """Warnings that go with every answer to a call for the kind."""
        # A definition was compiled when it was tried out.
        self._preparing = SharedSteps() if defined is None else None
        self._key_prefix = key_prefix
        self._collection = keys.for_collection(key_prefix, self._stored.qualified)
        self._damage = Damage(resource.qualified, key_prefix)

    @memo.cached_property
    def contract(self) -> Contract:
        """The rules of its descriptor pool."""
        if self._contract is not None:
            return self._contract
        if self.defined is not None:
            return self.defined.contract
        return Contract(self._functions.message_rules)

    @memo.cached_property
    def generation(self) -> Generation:
        """What counts the changes of its objects."""
        return Generation(self.resource)

    @memo.cached_property
    def _head(self) -> bytes:
        """What objects in the kind's own form begin with, where there may be others."""
        return _head(self.resource) if self.is_stored else b""

    @memo.cached_property
    def _beginning(self) -> bytes:
        """What most stored values begin with, so that metadata follows. Many are read at a time."""
        return splice.names(self._stored.api_version, self._stored.kind)

    @property
    def _functions(self) -> Functions:
        """What options name; a definition is compiled for that."""
        return self.defined.functions if self.defined is not None else self._given

    @memo.cached_property
    def _parse_stored(self) -> Callable[[bytes], Any]:
        return self._stored.message_class.FromString

    @memo.cached_property
    def defaults(self) -> Defaults:
        """What is filled in. Raises ``ValueError`` when an option cannot be honoured."""
        return Defaults(self.resource.descriptor, self._functions)

    @memo.cached_property
    def owners(self) -> Owners:
        """Who owns which fields."""
        return Owners(self.resource, self._stored, self._conversion)

    @memo.cached_property
    def expressible(self) -> Expressible:
        """What no answer could carry."""
        return Expressible(self.resource.descriptor)

    @memo.cached_property
    def update_defaults(self) -> UpdateDefaults:
        """What an update gets of the old. Raises ``ValueError`` for an unknown option."""
        return UpdateDefaults(self.resource.descriptor, self._functions, self.contract)

    @memo.cached_property
    def validation(self) -> Validation:
        """What is refused. Raises ``ValueError`` when an option cannot be honoured."""
        return Validation(self.resource, self._functions, self.contract)

    @memo.cached_property
    def warnings(self) -> MessageWarnings:
        """What is told of an accepted object. Raises ``ValueError`` for an unknown option."""
        return MessageWarnings(self.resource.descriptor, self._functions)

    @memo.cached_property
    def scales(self) -> Scales:
        """The Scales of its objects. Raises ``ValueError`` when an option cannot be honoured."""
        return Scales(self.resource)

    @memo.cached_property
    def selectable(self) -> SelectableFields:
        """The fields that its objects can be selected by."""
        return SelectableFields(self.resource.descriptor)

    def is_made_of(self, resource: Resource, stored: Resource | None) -> bool:
        """Tell whether the kind was prepared from these very objects."""
        return self.resource is resource and self._stored is (stored or resource)

    @property
    def is_prepared(self) -> bool:
        """Whether a write has nothing to compile; see :meth:`preparing`."""
        return self._preparing is None

    def preparing(self) -> Iterator[None]:
        """Compile what writes need, unless that is done; yield where others may have their turn.

        It takes a tenth of a second for a large kind.
        """
        if self._preparing is not None:
            yield from self._preparing.until(self.resource.message, self._each_part)
            self._preparing = None

    def _each_part(self) -> Iterator[None]:
        for name in _FOR_WRITES:
            getattr(self, name)
            yield
        self.owners.compile()
        yield
        yield from self.validation.preparing()

    def check(self) -> None:
        """Compile everything now. Raises ``ValueError`` when an option cannot be honoured."""
        named_fields.check(self.resource)
        self._compile(is_new=True)

    def prepare(self) -> None:
        """Compile now what has been checked before. Raises ``ValueError`` when it cannot be."""
        self._compile(is_new=False)

    def _compile(self, *, is_new: bool) -> None:
        self.validation.compile(is_new=is_new)
        self.owners.compile()
        _ = self.defaults, self.update_defaults, self.expressible, self.selectable
        _ = self.warnings
        if self.has_scale:
            _ = self.scales

    def key(self, namespace: str, name: str) -> bytes:
        """Return the storage key of one object."""
        return keys.in_collection(self._collection, namespace, name)

    def prefix(self, namespace: str = "") -> bytes:
        """Return the storage prefix of the kind, or of its objects in one namespace."""
        scope = namespace if self.resource.namespaced else ""
        if not scope:
            return self._collection
        return keys.for_collection(self._key_prefix, self._stored.qualified, scope)

    def system_key(self, area: keys.Area, *segments: str) -> bytes:
        """Return the key of an entry of the server's own in the store of the kind."""
        return keys.system(self._key_prefix, area, *segments)

    def parse(self, value: bytes) -> Any:
        """Return a stored value as the kind's message; ``errors.Damaged`` when it is none.

        Where the value is a record's, :meth:`read` says whose it is.
        """
        try:
            message = self._parse_stored(kept.message(value))
        except (DecodeError, ValueError) as error:
            raise self._unreadable(error) from error
        if self._head and not self._is_own(value):
            return renamed(message, self.resource)
        return self._conversion.served(message) if self._conversion else message

    def read(self, record: Record) -> Any:
        """Return a record as the kind's message.

        Raises ``errors.Damaged``, which names the object, when it cannot be read or could not
        be answered; the log says it once. Raises ``errors.Unavailable`` when it cannot be now.
        """
        try:
            self._require_own(record.key)
            if self._conversion is None and record.value.startswith(self._beginning):
                return self._parse_stored(record.value)
            splice.metadata(record.value)  # Without it no answer could be made.
            return self.parse(record.value)
        except (DecodeError, ValueError, errors.Damaged) as error:
            raise self._damage.of(record) from error

    def answer_of(self, record: Record, revision: int = 0) -> bytes:
        """Return a record as a caller gets it, at ``revision`` or else at its own.

        The message is held against its type: a caller could not read past one that is damaged.
        Raises as :meth:`read`.
        """
        return self.opened(record, revision).answer

    def opened(self, record: Record, revision: int = 0) -> Opened:
        """Return a record as the kind's message, and as :meth:`answer_of` does, read once."""
        revision = revision or record.mod_revision
        try:
            self._require_own(record.key)
            answer = splice.with_version(record.value, revision)
            if self._conversion is None and self._is_own(record.value):
                # A parser skips what is kept with it.
                return Opened(self._parse_stored(record.value), answer)
            message = self.parse(record.value)
            body = message.SerializeToString(deterministic=True)
            return Opened(message, splice.with_version(body, revision))
        except (DecodeError, ValueError, errors.Damaged) as error:
            raise self._damage.of(record) from error

    def remnant(self, record: Record, revision: int) -> bytes | None:
        """Return what is known of a damaged object that went at ``revision``: its names.

        ``None`` when the key is no object's.
        """
        namespace, name = self._damage.names(record.key)
        if not name:
            return None
        found: Any = self.resource.message_class()
        found.api_version, found.kind = self.resource.api_version, self.resource.kind
        found.metadata.namespace, found.metadata.name = namespace, name
        found.metadata.resource_version = str(revision)
        body: bytes = found.SerializeToString(deterministic=True)
        return body

    def _is_own(self, value: bytes) -> bool:
        """Tell whether a value is in the kind's own form, not in that of another version.

        The storage version of a kind with a schema can change; its numbers do not.
        """
        return not self._head or value.startswith(self._head, kept.end(value))

    def _require_own(self, key: bytes) -> None:
        """Raise ``ValueError`` for a key below the kind's that is no object's."""
        namespaced = self.resource.namespaced
        if not keys.is_in_collection(self._collection, key, namespaced=namespaced):
            raise ValueError("the key is no object's")

    def encode(self, message: Message, *, keeping: bytes = b"") -> bytes:
        """Return the bytes to store: deterministic, so that equal objects are equal bytes.

        ``keeping`` is what the server keeps with them.
        """
        if self._conversion:
            message = self._conversion.stored(message)
        body = message.SerializeToString(deterministic=True)
        return kept.with_message(keeping, body) if keeping else body

    def answer(self, value: bytes, revision: int = 0) -> bytes:
        """Return a stored value as a caller gets it, at ``revision`` (0: at none).

        Parses nothing, unless the kind is stored in another form. Raises ``errors.Damaged``.
        """
        try:
            if self._conversion or not self._is_own(value):
                value = self.parse(value).SerializeToString(deterministic=True)
            return splice.with_version(value, revision) if revision else kept.message(value)
        except ValueError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> errors.Damaged:
        text = f"a stored {self.resource.qualified_kind} cannot be read: {error}"
        return errors.Damaged(text, resource=self.resource.qualified)

    def label_selector(self, text: str) -> selectors.Selector:
        """Parse a label selector. Raises ``errors.BadRequest``."""
        _require_short(text, "label")
        try:
            return selectors.parse_labels(text)
        except selectors.SelectorError as error:
            raise errors.BadRequest(str(error)) from error

    def field_selector(self, text: str) -> selectors.Selector:
        """Parse a selector over the kind's selectable fields. Raises ``errors.BadRequest``."""
        _require_short(text, "field")
        try:
            return self.selectable.parse(text)
        except selectors.SelectorError as error:
            raise errors.BadRequest(str(error)) from error


def _head(resource: Resource) -> bytes:
    """Return what the objects of a kind with a schema begin with; nothing for other kinds."""
    if not descriptor_options.is_of_schema(resource.descriptor):
        return b""
    return splice.names(resource.api_version, resource.kind)


def _notices(resource: Resource) -> tuple[str, ...]:
    deprecated = resource.options.deprecated
    if deprecated.text:
        return (deprecated.text,)
    if not deprecated.since:
        return ()
    instead = f"; use {deprecated.replacement}" if deprecated.replacement else ""
    since = f"deprecated in v{deprecated.since}+"
    return (f"{resource.api_version} {resource.kind} is {since}{instead}",)


def _require_short(text: str, what: str) -> None:
    """Refuse a selector of many parts, before any of them is looked at."""
    parts = text.count(",") + 1
    if parts > MOST_TERMS:
        message = f"the {what} selector has {parts} terms and values, the limit is {MOST_TERMS}"
        raise errors.BadRequest(message)
