"""``--append-hash``: a name that changes with the content, as kustomize makes them, too."""

from __future__ import annotations

import hashlib
from typing import Any

from protocube.manifests import json_text

_LENGTH = 10
# No vowels, so no words come about by chance.
_LETTERS = str.maketrans("013ae", "ghkmt")


def of(content: dict[str, Any]) -> str:
    """Return the ten letters that stand for ``content``, of which the name is a part."""
    digest = hashlib.sha256(json_text.compact(content).encode()).hexdigest()
    return digest[:_LENGTH].translate(_LETTERS)
