"""The error of a stored value that cannot be read, and the log's word of it, once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import keys
from protocube_server.storage.sealing import marks

if TYPE_CHECKING:
    from protocube_server.storage.base import Record

_MOST_TOLD = 10_000
"""Beyond that the log says it again, rather than that memory grows."""

_LOG = logging.getLogger("protocube.server")


def _why(record: Record) -> str:
    if record.fault:
        return f"cannot be opened: {record.fault}"
    mark = marks.read(record.value)
    if mark is not None:
        return f"is sealed with {mark}, and the server was started without --encryption-config"
    return "is damaged or no object of this kind"


class Damage:
    """What is damaged of one kind's objects, as far as it was met."""

    def __init__(self, resource: str, key_prefix: str) -> None:
        """``resource`` is the plural with its group, as errors name it."""
        self._resource = resource
        self._key_prefix = key_prefix
        self._told: set[tuple[bytes, int]] = set()

    def of(self, record: Record) -> errors.ApiError:
        """Return the error that names a record's object, and log it if that is new.

        It is ``errors.Unavailable`` where the record may be readable soon.
        """
        name = keys.relative(self._key_prefix, record.key)
        if record.passes:
            # Not damaged: for watches that would be as if it were deleted.
            message = f"the stored value of {name} cannot be opened now: {record.fault}"
            return errors.Unavailable(message, retry_after=1)
        message = f"the stored value of {name} {_why(record)}"
        if (told := (record.key, record.mod_revision)) not in self._told:
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told.add(told)
            _LOG.error("%s (written at revision %d)", message, record.mod_revision)
        return errors.Damaged(message, resource=self._resource, name=self.names(record.key)[1])

    def names(self, key: bytes) -> tuple[str, str]:
        """Return the namespace and the name that an object's key says; of another key nothing."""
        parsed = keys.parse(self._key_prefix, key)
        if isinstance(parsed, keys.ObjectKey):
            return parsed.namespace, parsed.name
        return "", ""
