"""What is checked of a document before anything is made of it."""

from __future__ import annotations

from typing import Any

from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.aggregate import Aggregate, raise_all
from protocube_client.resource.validation import Validation

_ADVICE = "if you choose to ignore these errors, turn validation off with --validate=false"


class Schema:
    """The checks that kubectl makes itself: a document must say what it is.

    Unknown fields are found by the decoder and refused by the Helper.
    """

    def __init__(self, validation: Validation) -> None:
        self._active = validation is not Validation.IGNORE

    def check(self, value: Any) -> None:
        """Raise :class:`ManifestError` for a document that does not say what it is."""
        if not self._active:
            return
        try:
            raise_all(faults(value))
        except Aggregate as found:
            message = f"error validating data: {found}; {_ADVICE}"
            raise ManifestError(message) from None


def faults(value: Any) -> list[Exception]:
    """Return what keeps a document from saying what it is."""
    found = _kind_faults(value)
    if found or (value["apiVersion"], value["kind"]) != ("v1", "List"):
        return found
    items = value.get("items")
    if not isinstance(items, list):
        return [ManifestError("invalid object to validate")]
    return [fault for item in items for fault in _kind_faults(item)]


def _kind_faults(value: Any) -> list[Exception]:
    if not isinstance(value, dict):
        return [ManifestError("invalid object to validate")]
    found: list[Exception] = []
    api_version = value.get("apiVersion")
    if api_version is None:
        found.append(ManifestError("apiVersion not set"))
    elif not isinstance(api_version, str):
        found.append(ManifestError("apiVersion isn't string type"))
    elif api_version.count("/") > 1:
        found.append(ManifestError(f"unexpected GroupVersion string: {api_version}"))
    kind = value.get("kind")
    if kind is None:
        found.append(ManifestError("kind not set"))
    elif not isinstance(kind, str):
        found.append(ManifestError("kind isn't string type"))
    return found
