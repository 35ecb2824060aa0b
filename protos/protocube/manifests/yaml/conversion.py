"""A YAML document into JSON values, once it is known what its keys mean in the end.

go-yaml reads all of a document first: of a key that is given twice, the last value is left.
What is left is converted, and what was converted is written, so a fault of a value that was
replaced is none.
"""

from __future__ import annotations

from typing import Any

from protocube.manifests import numbers
from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import literals, raw_values
from protocube.manifests.yaml.raw_values import Key, NotFinite


def as_json(value: Any) -> Any:
    """Return a document, with keys and numbers as they were read, as JSON values.

    Raises :class:`ManifestError` in the words of ``sigs.k8s.io/yaml`` for what JSON does not
    have. An object that stands in several places stands there again.
    """
    converted = _converted(value, {})
    _require_finite(converted, {})
    return converted


def _converted(value: Any, done: dict[int, Any]) -> Any:
    """Return ``value`` with text for keys; ``done`` has what was converted, by identity."""
    if isinstance(value, list | dict):
        if id(value) not in done:
            if isinstance(value, list):
                done[id(value)] = [_converted(item, done) for item in value]
            else:
                done[id(value)] = {
                    _text(key, item): _converted(item, done) for key, item in value.items()
                }
        return done[id(value)]
    if isinstance(value, NotFinite | bool) or not isinstance(value, int | float):
        return value
    return numbers.from_json(value)


def _text(key: str | Key, value: Any) -> str:
    if isinstance(key, str):
        return key
    text = raw_values.key_text(key.value)
    if text is not None:
        return text
    kind, shown = (
        ("%!s(<nil>)", "<nil>") if key.value is None else (key.type, literals.literal(key))
    )
    told = "<nil>" if value is None else literals.literal(value)
    raise ManifestError(
        f"unsupported map key of type: {kind}, key: {shown}, value: {told}", line=key.line
    )


def _require_finite(value: Any, done: dict[int, Any]) -> None:
    """Raise :class:`ManifestError` for the first number, in the order of JSON, that is none."""
    if isinstance(value, NotFinite):
        raise ManifestError(f"json: unsupported value: {literals.number(value)}", line=value.line)
    if not isinstance(value, list | dict) or id(value) in done:
        return
    done[id(value)] = value
    for item in value if isinstance(value, list) else (value[key] for key in sorted(value)):
        _require_finite(item, done)
