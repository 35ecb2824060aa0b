"""The keyword options that several calls of the client share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

FieldValidation = Literal["strict", "warn", "ignore"]
"""What the server does with fields that it does not know: refuse, warn, drop."""

Propagation = Literal["background", "foreground", "orphan"]
"""What a deletion does with the objects that the deleted one owns."""

PatchType = Literal["json", "merge", "strategic"]
"""How a patch is read: as RFC 6902, as RFC 7386, or as one that merges lists by key, too."""

PatchData = str | Mapping[str, object] | Sequence[Mapping[str, object]]
"""A patch as JSON text, or as the data that such a text stands for."""

Subresource = Literal["", "status", "scale"]
"""The part of an object that is meant; the object itself when it is empty."""


class ReadOptions(TypedDict, total=False):
    """Which object is read, and what it tells."""

    namespace: str
    """Its namespace; ``default`` when empty."""
    include_managed_fields: bool
    """Say in it who owns which of its fields (docs/apply.md)."""
    resource_version: str
    """Not older than this version; as it is now when empty."""
    at_revision: str
    """As it was at this version of the store; as it is now when empty."""


class AnyKindSelection(TypedDict, total=False):
    """Which objects are meant, whatever their kind; all of them unless something is given."""

    namespace: str
    """Only this namespace; all of them when empty."""
    label_selector: str
    """Labels to match, such as ``app=web,tier in (front, back)``."""
    include_managed_fields: bool
    """Say in each object who owns which of its fields (docs/apply.md)."""


class Selection(AnyKindSelection, total=False):
    """Which objects of a kind are meant."""

    field_selector: str
    """Fields to match, such as ``metadata.name=web``."""


class WatchAllOptions(AnyKindSelection, total=False):
    """What a watch over several kinds tells."""

    resource_version: str
    """What happened after this version; everything when it is empty."""
    send_initial_events: bool | None
    """Whether the present objects come first, not older than the version; unless given, they do
    where there is no version."""
    send_progress: bool
    """Also yield revisions without events, about once a minute, that tell how far the watch is."""
    metadata_only: bool
    """Tell the ``api_version``, ``kind`` and ``metadata`` of objects alone."""


class PagedSelection(Selection, total=False):
    """A selection that is read in pages."""

    page_size: int
    """At most so many objects in a page; 0 for as many as fit into a message."""
    continue_token: str
    """What comes behind the page, or the list, that gave this token; the first ones when empty."""
    resource_version: str
    """Not older than this version; as they are now when empty."""
    at_revision: str
    """As they were at this version of the store; as they are now when empty."""


class ListOptions(PagedSelection, total=False):
    """What a list gives."""

    limit: int
    """At most so many objects, 0 for all; the ``continue_token`` of the result has the rest."""


class WriteOptions(TypedDict, total=False):
    """How an object is written."""

    dry_run: bool
    """Check everything, change nothing."""
    field_manager: str
    """Who writes; the manager that the client was made with unless given."""
    request_id: str
    """Makes a repeated call safe: the same id is carried out once (docs/clients/python.md)."""
    validation: FieldValidation
    """What to do with unknown fields; ``strict`` unless given."""
    include_managed_fields: bool
    """Say in the answer who owns which of the object's fields (docs/apply.md)."""


class BulkOptions(TypedDict, total=False):
    """How many writes are made in one stream."""

    atomic: bool
    """All of them happen at one revision, or none: 100 at most, of different objects."""
    dry_run: bool
    """Check everything, change nothing."""
    field_manager: str
    """Who writes; the manager that the client was made with unless given."""
    validation: FieldValidation
    """What to do with unknown fields; ``strict`` unless given."""
    include_objects: bool
    """Give the objects as the server keeps them."""
    request_ids: bool
    """Carry each write out once, and take a stream that breaks up again; yes unless given."""
    patience: float
    """Seconds without an answer after which a stream that breaks is given up; 60 unless given."""


class NamedWriteOptions(WriteOptions, total=False):
    """How one object is changed that is named."""

    namespace: str
    """Its namespace; ``default`` when empty."""


class PatchOptions(NamedWriteOptions, total=False):
    """How a patch is read and written."""

    type: PatchType
    """How text or data is read; ``strategic`` unless given."""
    fields: Sequence[str]
    """With a message: the fields to take from it, such as ``spec.replicas``."""


class ApplyOptions(WriteOptions, total=False):
    """How the wishes of a manager are written."""

    force: bool
    """Take fields that others own; otherwise to change them is ``errors.Conflict``."""
    subresource: Literal["", "status"]
    """The part of the object to apply to; the object itself unless given."""


class ScaleApplyOptions(NamedWriteOptions, total=False):
    """How the number of replicas that a manager wants is written."""

    force: bool
    """Take the number from others that own it; otherwise to change it is ``errors.Conflict``."""


class DeletionOptions(TypedDict, total=False):
    """How objects are deleted."""

    propagation: Propagation
    """What to do with dependents; unless given, the object's finalizers and then its kind say it:
    ``background`` for most (docs/deletion.md)."""
    grace_period_seconds: int | None
    """Seconds to wait; negative values count as 1, ``None`` leaves it to the object."""
    dry_run: bool
    """Check everything, change nothing."""
    request_id: str
    """Makes a repeated call safe: the same id is carried out once (docs/clients/python.md)."""


class EvictionOptions(TypedDict, total=False):
    """How one object is deleted if its budget allows it."""

    namespace: str
    """Its namespace; ``default`` when empty."""
    grace_period_seconds: int | None
    """Seconds to wait; ``None`` leaves it to the object."""
    dry_run: bool
    """Check everything, change nothing."""
    request_id: str
    """Makes a repeated call safe: the same id is carried out once (docs/clients/python.md)."""


class TokenOptions(TypedDict, total=False):
    """What a token of a service account is for."""

    namespace: str
    """The account's namespace; ``default`` when empty."""
    audiences: Sequence[str]
    """Who may accept the token; the server itself when there is none."""
    expiration_seconds: int | None
    """How long it is good for; ``None`` is an hour."""
    bound_kind: str
    """``Pod``, ``Secret`` or ``Node``: the token ends with an object of this kind."""
    bound_name: str
    """That object's name."""
    bound_uid: str
    """Its uid; that of the one there is when empty."""


class NamedDeletionOptions(DeletionOptions, total=False):
    """How one object is deleted."""

    namespace: str
    """Its namespace; ``default`` when empty."""
    uid: str
    """The object must have this uid, or ``errors.Conflict`` is raised."""
    resource_version: str
    """The object must be at this version, or ``errors.Conflict`` is raised."""
    ignore_store_read_error: bool
    """Also delete an object that is ``errors.Damaged``, whatever finalizers it had."""
