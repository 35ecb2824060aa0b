"""What the options of a List mean together, and which of them contradict each other.

The rules and their words are those of Kubernetes' ``ListOptions``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.kinds import violations
from protocube_server.verbs import pages, versions

if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = "ListOptions.meta.k8s.io"
MATCH = "resourceVersionMatch"
EXACT = requests_pb2.RESOURCE_VERSION_MATCH_EXACT
NOT_OLDER_THAN = requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN


class Place(NamedTuple):
    """What a list reads: at which revision, and from where on."""

    at: int
    """Exactly this revision; 0 for the newest."""
    not_older: int = 0
    """The newest must not be older than that."""
    start: bytes = b""
    """The first key; empty for all."""


def place(request: requests_pb2.ListRequest, prefix: bytes) -> Place:
    """Return what a request reads below ``prefix``.

    Raises ``errors.Invalid`` for options that contradict each other, and ``errors.BadRequest``
    for a version or a token that cannot be read.
    """
    match, version = request.resource_version_match, request.resource_version
    if match:
        _check_match(match, version, is_continued=bool(request.continue_token))
    if request.continue_token:
        if version not in ("", "0"):
            message = "specifying resource version is not allowed when using continue"
            raise errors.BadRequest(message)
        position = pages.decode_token(request.continue_token, prefix)
        return Place(at=position.revision, start=position.start)
    asked = versions.asked(version)
    # Kubernetes' rule for requests from before there was a match: a page of a
    # version is of exactly that version.
    if match == EXACT or (not match and asked and request.limit > 0):
        return Place(at=asked)
    return Place(at=0, not_older=asked)


def _check_match(match: int, version: str, *, is_continued: bool) -> None:
    faults = []
    if not version:
        faults.append(f"{MATCH} is forbidden unless resourceVersion is provided")
    if is_continued:
        faults.append(f"{MATCH} is forbidden when continue is provided")
    if match == EXACT and version == "0":
        faults.append(f'{MATCH} "exact" is forbidden for resourceVersion "0"')
    refuse([violations.forbidden(MATCH, fault) for fault in faults])


def refuse(faults: Sequence[errors.Violation]) -> None:
    """Raise ``errors.Invalid`` of the options when they have faults."""
    if faults:
        raise errors.invalid(KIND, "", faults)
