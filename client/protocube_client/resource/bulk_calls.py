"""Calls of methods that write one object, as the writes of a bulk request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_client import bulk
from protocube_client.connection.connection import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube.catalog import Catalog

_PREFIX: Final = "type.googleapis.com/"


class BulkCalls:
    """Makes writes of calls to the services of a catalog, and answers of their outcomes."""

    def __init__(self, catalog: Callable[[], Catalog]) -> None:
        """Look for kinds in what ``catalog`` returns then."""
        self._catalog = catalog
        self._urls: dict[str, str] = {}

    def write(self, method: str, request: bytes) -> bulk_pb2.Write | None:
        """Return a call as a write, ``None`` for a service that is not in the catalog."""
        url = self._urls.get(method)
        if url is None:
            service, _, name = method.removeprefix("/").partition("/")
            resources = self._catalog().resources
            found = next((item for item in resources if item.service == service), None)
            if found is None:
                return None
            url = f"{_PREFIX}{found.request_class(name).DESCRIPTOR.full_name}"
            self._urls[method] = url
        made = bulk_pb2.Write()
        made.call.method = method.removeprefix("/")
        made.call.request.type_url, made.call.request.value = url, request
        return made


def answer(outcome: bulk_pb2.Outcome) -> Answer:
    """Return what the call alone would have given. Raises what it would have raised."""
    error = bulk.failure(outcome)
    if error is not None:
        raise error
    if not outcome.written.HasField("object"):
        raise errors.OutcomeUnknown("the write was made, and what it made is not known any more")
    return Answer(body=outcome.written.object.value, warnings=tuple(outcome.warnings))
