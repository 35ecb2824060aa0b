"""How much a manifest may ask of the client before it is refused."""

from __future__ import annotations

from protocube.manifests.json_values import DEEPEST_NESTING
from protocube.manifests.manifest_error import ManifestError

LARGEST_DOCUMENT = 32 * 1024 * 1024
"""Characters in one YAML document, or in one JSON value."""


def too_large() -> ManifestError:
    """Return the error for a document above :data:`LARGEST_DOCUMENT`."""
    size = LARGEST_DOCUMENT // (1024 * 1024)
    return ManifestError(f"the document is larger than the limit of {size} MiB")


def too_deep() -> ManifestError:
    """Return the error for nesting above ``json_values.DEEPEST_NESTING``."""
    return ManifestError(f"exceeded max depth of {DEEPEST_NESTING}")
