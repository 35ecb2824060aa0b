"""The keyword options that several calls of the client share."""

from __future__ import annotations

from typing import Literal, TypedDict

FieldValidation = Literal["strict", "warn", "ignore"]
"""What the server does with fields that it does not know: refuse, warn, drop."""

Propagation = Literal["background", "foreground", "orphan"]
"""What a deletion does with the objects that the deleted one owns."""


class Selection(TypedDict, total=False):
    """Which objects of a kind are meant; all of them unless something is given."""

    namespace: str
    """Only this namespace; all of them when empty."""
    label_selector: str
    """Labels to match, such as ``app=web,tier in (front, back)``."""
    field_selector: str
    """Fields to match, such as ``metadata.name=web``."""


class PagedSelection(Selection, total=False):
    """A selection that is read in pages."""

    page_size: int
    """At most so many objects in a page; 0 for as many as fit into a message."""


class WriteOptions(TypedDict, total=False):
    """How an object is written."""

    dry_run: bool
    """Check everything, change nothing."""
    field_manager: str
    """Who writes."""
    request_id: str
    """Makes a repeated call safe: the same id is carried out once (docs/clients/python.md)."""
    validation: FieldValidation
    """What to do with unknown fields; ``strict`` unless given."""


class DeletionOptions(TypedDict, total=False):
    """How objects are deleted."""

    propagation: Propagation
    """What to do with dependents; ``background`` unless given."""
    grace_period_seconds: int | None
    """Seconds to wait; negative values count as 1, ``None`` leaves it to the object."""
    dry_run: bool
    """Check everything, change nothing."""
    request_id: str
    """Makes a repeated call safe: the same id is carried out once (docs/clients/python.md)."""


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
