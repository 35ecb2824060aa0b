"""A quota that several calls of one transaction are charged to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.manifests import quantities
from protocube_server.admission.quota import counting
from protocube_server.calls.together import SharedPut

if TYPE_CHECKING:
    from protocube_server.admission.plugins.pod_amounts import Amounts
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record


class SharedQuota:
    """A quota at one of its revisions. See :class:`~protocube_server.calls.together.Changed`."""

    def __init__(self, kind: Kind, record: Record) -> None:
        """``kind`` is that of quotas; ``record`` says what is used already."""
        self._kind = kind
        self._record = record
        self._used = counting.used(kind.read(record))
        self._added: dict[int, Amounts] = {}
        """By the identities of calls, which live as long as the transaction."""

    def add(self, call: Call, amounts: Amounts) -> None:
        """Charge it for a call, which may be tried again: then this replaces the charge before."""
        self._added[id(call)] = amounts

    def forget(self, call: Call) -> None:
        """Take a call's charge back."""
        self._added.pop(id(call), None)

    def used(self) -> Amounts:
        """Return what is used with all that was added."""
        total = dict(self._used)
        for amounts in self._added.values():
            quantities.add(total, amounts)
        return total

    def put(self) -> SharedPut:
        """See :class:`~protocube_server.calls.together.Changed`."""
        value = counting.value_with(self._kind, self._record, self.used())
        return SharedPut(key=self._record.key, value=value, expected=self._record.mod_revision)
