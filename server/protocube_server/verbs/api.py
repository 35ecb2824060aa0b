"""What every verb works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from protocube_server.calls.limits import Limits
from protocube_server.kinds.named.allocation import Ranges
from protocube_server.seats import Seats
from protocube_server.verbs.active_namespaces import ActiveNamespaces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protocube_server.authentication.service_accounts.issuing import Issuer
    from protocube_server.cache import Cache
    from protocube_server.calls.admission import Admission
    from protocube_server.calls.review import Review
    from protocube_server.definitions.following import Definitions
    from protocube_server.kinds.edition import Editions
    from protocube_server.storage.base import Store


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The store, the kinds and the bounds that all verbs share."""

    store: Store
    cache: Cache
    """Over the same store, whose keys it was given the prefix of."""
    editions: Editions
    """The kinds as they change. A call has an edition of its own, and works with that."""
    limits: Limits = field(default_factory=Limits)
    ranges: Ranges = field(default_factory=Ranges)
    """What objects are given addresses and ports from."""
    admission: Admission | None = None
    """Asked by each verb that writes; ``None`` admits everything."""
    token_issuer: Issuer | None = None
    """Makes tokens of service accounts; ``None`` makes none."""
    reviews: Mapping[str, Review] = field(default_factory=dict)
    """What answers the objects of kinds that are not stored, by the names in their options."""
    definitions: Definitions | None = None
    """The kinds that come at run time; ``None`` serves those of the first edition alone."""
    now: Callable[[], datetime] = _now
    active_namespaces: ActiveNamespaces = field(default_factory=ActiveNamespaces)
    beginnings: Seats = field(default_factory=lambda: Seats(1))
    """Taken for a page of what a watch begins with, until the next turn of the event loop.

    A hundred watches that begin at once would else take one turn as long as all of them
    together, and every other call would wait for it.
    """
