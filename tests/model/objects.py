"""What the model knows: kinds, objects, and what a call is answered with, all as plain data."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Content = dict[str, Any]
"""What users say of an object, in its JSON form: ``{"metadata": {"labels": ...}, "data": ...}``."""
Path = tuple[str, ...]
"""The place of a field or of an element of a list: ``("metadata", "labels", "a")``."""
Owner = tuple[str, str]
"""A manager, and ``Update`` or ``Apply``."""
Owners = Mapping[Owner, frozenset[Path]]
View = dict[str, Any]
"""An object as a reader sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What differs between kinds."""

    word: str
    has_status: bool = False
    """A status of its own, a generation, and a Scale."""
    has_owners: bool = False
    """Whether the model follows who owns its fields."""

    def __repr__(self) -> str:
        return self.word


CONFIG_MAP = Kind(word="configmaps", has_owners=True)
DEPLOYMENT = Kind(word="deployments.apps", has_status=True)
KINDS = (CONFIG_MAP, DEPLOYMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One object as it is stored. Its content is never changed in place."""

    kind: Kind
    name: str
    uid: int
    """Objects are numbered as they are created."""
    version: int
    created: int
    """When, in seconds."""
    generation: int = 0
    going_since: int | None = None
    """When its deletion began, if it has."""
    content: Content
    owners: Owners

    @property
    def finalizers(self) -> list[str]:
        """The finalizers that its end waits for."""
        return list(self.content.get("metadata", {}).get("finalizers", ()))

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.content.get("metadata", {}).get("labels", {}))

    def shown(self, version: int | None, *, owners: bool = False) -> View:
        """Return it as the answer to a call, at a version or at none."""
        view = {
            "name": self.name,
            "uid": self.uid,
            "version": version,
            "created": self.created,
            "generation": self.generation,
            "going_since": self.going_since,
            "content": self.content,
        }
        return {**view, "owners": dict(self.owners)} if owners else view


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of an API: the method, the object or the kind that it is for, and the rest."""

    verb: str
    kind: Kind
    name: str = ""
    options: Mapping[str, Any]

    def get(self, option: str, default: Any = None) -> Any:
        """Return an option, or what stands for one that is not given."""
        return self.options.get(option, default)

    def __str__(self) -> str:
        """Return it as a person would note it down."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"{self.verb} {self.kind.word} {self.name or '-'} {given}"


class Refused(Exception):
    """The answer to a call that is refused: the reason, and the fields at fault.

    Of fields that others own the managers are named, too.
    """

    def __init__(self, reason: str, *fields: str) -> None:
        super().__init__(reason, *sorted(set(fields)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refused) and self.args == other.args

    __hash__ = Exception.__hash__


def tidy(kind: Kind, content: Content) -> Content:
    """Return content as it is stored: with its defaults, and without what says nothing."""
    found = copy.deepcopy(content)
    if kind.has_status:
        spec = found.setdefault("spec", {})
        if spec.get("replicas") is None:
            spec["replicas"] = 1
        for part in ("spec", "status"):
            fields = found.get(part) or {}
            wanted = {name: v for name, v in fields.items() if v or (part, name) == _REPLICAS}
            found[part] = wanted
    metadata = {name: value for name, value in (found.get("metadata") or {}).items() if value}
    found["metadata"] = {name: _present(value) for name, value in metadata.items()}
    if "data" in found:
        found["data"] = _present(found["data"] or {})
    return {name: value for name, value in found.items() if value}


_REPLICAS = ("spec", "replicas")


def _present(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if each is not None}
