"""A recorded case: requests in order, and what a Kubernetes API server answered to each.

The form is that of the folder that the cases were recorded into, one JSON file a case; its
README says what each member means. Here they lie packed, one file a topic.
"""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATA: Final = Path(__file__).with_name("data")
"""The packed cases."""
CASES: Final = ".jsonl.xz"
"""How the name of a topic's packed file ends: one case a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request, and the answer that is expected."""

    number: int
    """From 1 on."""
    verb: str
    expect: Mapping[str, Any]
    kind: str = ""
    api_version: str = ""
    namespace: str = ""
    """``*`` for all namespaces; empty for a cluster-scoped kind."""
    name: str = ""
    subresource: str = ""
    body: Any = None
    body_text: str | None = None
    """The body as it was sent, where JSON could not say it."""
    patch: Any = None
    patch_type: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    user: str = ""
    user_agent: str = "oracle/1.0"
    accept: str = ""
    content_type: str = ""
    seconds: float = 0
    """How long a ``wait`` without a condition lasts."""
    note: str = ""
    """What a ``store`` step changes, or what alone was recorded of a watch."""
    during: tuple[Mapping[str, Any], ...] = ()
    """Creates that are sent while a watch runs, so many seconds after its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A history on two empty namespaces."""

    topic: str
    name: str
    about: str
    steps: tuple[Step, ...]
    keeps_managed_fields: bool = False
    sorts_managed_fields: bool = False
    """Entries are in the order of operation, subresource, manager and API version."""
    needs: tuple[str, ...] = ()
    """Controllers at work."""
    tags: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """What a list of cases calls it: ``apply/force``."""
        return f"{self.topic}/{self.name}"

    @property
    def sees_the_revision(self) -> bool:
        """Tell whether an answer shows how far the store is, so that nobody else may write."""
        shows = {"list", "watch", "delete_collection", "compact"}
        return not self.needs and any(step.verb in shows for step in self.steps)


def read(folder: Path, topics: Iterable[str] = ()) -> list[Case]:
    """Return the cases of a folder, recorded or packed; only those of ``topics`` if any are named.

    Raises ``FileNotFoundError`` when there is none.
    """
    wanted = frozenset(topics)
    texts: list[str] = []
    for path in sorted(folder.glob(f"*{CASES}")):
        if not wanted or path.name.removesuffix(CASES) in wanted:
            texts += lzma.decompress(path.read_bytes()).decode().splitlines()
    texts += [path.read_text() for path in sorted(folder.glob("*/*.json"))]
    cases = [case(json.loads(text)) for text in texts]
    found = [item for item in cases if not wanted or item.topic in wanted]
    if not found:
        raise FileNotFoundError(f"no case of {', '.join(sorted(wanted)) or 'any topic'}: {folder}")
    return found


def topics() -> list[str]:
    """Return the topics of the packed cases."""
    return sorted(path.name.removesuffix(CASES) for path in DATA.glob(f"*{CASES}"))


def case(data: Mapping[str, Any]) -> Case:
    """Return a case as its JSON says it."""
    return Case(
        topic=data["topic"],
        name=data["name"],
        about=data["about"],
        steps=tuple(step(number, item) for number, item in enumerate(data["steps"], 1)),
        keeps_managed_fields=data["managedFields"] == "kept",
        sorts_managed_fields=data.get("managedFieldsOrder", "").startswith("sorted"),
        needs=tuple(data.get("needs", ())),
        tags=tuple(data.get("tags", ())),
    )


def step(number: int, data: Mapping[str, Any]) -> Step:
    """Return a step as its JSON says it."""
    members = {_NAMES.get(key, key): value for key, value in data.items()}
    members.pop("after_seconds", None)
    members["during"] = tuple(members.get("during", ()))
    members.setdefault("expect", {})
    return Step(number=number, **members)


_NAMES = {"apiVersion": "api_version"}
