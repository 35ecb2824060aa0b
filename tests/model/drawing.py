"""What a history is drawn from: few names and values, so that calls meet each other.

An operation that is drawn speaks of what its client has seen: ``seen`` names the conditions that
it takes from there (``version``, ``uid``), and ``onto`` tells that its content is a change of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.model.objects import CONFIG_MAP, DEPLOYMENT, KINDS, Operation
from tests.model.reading import Selector
from tests.model.rules import WRONG_KEY, WRONG_LABEL
from tests.model.writing import POLICIES

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from tests.model.objects import Kind

Draw = Any

_NAMES = st.sampled_from(("a", "b", "c"))
_KINDS = st.sampled_from(KINDS)
_FINALIZERS = ("example.com/a", "example.com/b", "example.com/c")
_DRY = st.sampled_from((False, False, False, True))
_MANAGERS = st.sampled_from(("m1", "m2", "m3"))
_CONDITIONS = st.sampled_from(((), (), ("version",), ("version",), ("uid",), ("version", "uid")))
_VALUES = ("1", "2", "")


def _rarely(value: Any, *others: Any) -> SearchStrategy[Any]:
    return st.sampled_from((*others * 4, value))


def _members(*keys: str, values: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=len(keys))


def _finalizers(*, most: int = 2) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(_FINALIZERS), unique=True, max_size=most)


def _labels(*more: Any) -> SearchStrategy[dict[str, Any]]:
    colors = _rarely(WRONG_LABEL, "red", "blue", *more)
    return _members("color", "tier", values=colors)


@st.composite
def _contents(draw: Draw, kind: Kind, *more: Any) -> dict[str, Any]:
    """Draw content of a kind. ``more`` are values beside the usual ones, such as ``None``."""
    metadata: dict[str, Any] = {}
    if draw(st.booleans()):
        metadata["labels"] = draw(_labels(*more))
    if draw(st.booleans()):
        metadata["annotations"] = draw(_members("note", values=st.sampled_from((*_VALUES, *more))))
    if draw(_rarely(True, False)):
        metadata["finalizers"] = draw(_finalizers())
    content: dict[str, Any] = {"metadata": metadata} if metadata else {}
    if kind is CONFIG_MAP:
        if draw(st.booleans()):
            keys = ("x", "y", "z", draw(_rarely(WRONG_KEY, "x")))
            content["data"] = draw(_members(*keys, values=st.sampled_from((*_VALUES, *more))))
        return content
    if draw(st.booleans()):
        content["spec"] = draw(_spec(*more))
    if draw(_rarely(True, False)):
        content["status"] = {"replicas": draw(st.integers(0, 3))}
    return content


def _spec(*more: Any) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "replicas": _rarely(-1, 0, 1, 3, *more),
            "minReadySeconds": _rarely(-1, 0, 5, *more),
            "paused": st.sampled_from((True, False)),
        },
    )


def _options(draw: Draw, **options: Any) -> dict[str, Any]:
    """Return options, with what all writes have; without those that say nothing."""
    options |= {"manager": draw(_MANAGERS), "dry_run": draw(_DRY)}
    return {
        name: value
        for name, value in options.items()
        if value is not False and value not in ((), None)
    }


@st.composite
def creates(draw: Draw) -> Operation:
    """Draw a Create."""
    kind = draw(_KINDS)
    options = _options(draw, content=draw(_contents(kind)))
    return Operation(verb="Create", kind=kind, name=draw(_NAMES), options=options)


@st.composite
def updates(draw: Draw) -> Operation:
    """Draw an Update: of what was seen, changed, or of content that replaces it whole."""
    kind, onto = draw(_KINDS), draw(st.booleans())
    content = draw(_contents(kind, *((None,) if onto else ())))
    options = _options(draw, content=content, seen=draw(_CONDITIONS), onto=onto)
    return Operation(verb="Update", kind=kind, name=draw(_NAMES), options=options)


@st.composite
def status_updates(draw: Draw) -> Operation:
    """Draw an UpdateStatus."""
    content = draw(_contents(DEPLOYMENT))
    content["status"] = {"replicas": draw(_rarely(-1, 0, 1, 2))}
    if draw(st.booleans()):
        content["status"]["readyReplicas"] = draw(st.integers(0, 2))
    options = _options(draw, content=content, seen=draw(_CONDITIONS), onto=draw(st.booleans()))
    return Operation(verb="UpdateStatus", kind=DEPLOYMENT, name=draw(_NAMES), options=options)


@st.composite
def patches(draw: Draw) -> Operation:
    """Draw a Patch in one of the four forms, of the object or of its status."""
    kind = draw(_KINDS)
    form = draw(st.sampled_from(("json_patch", "merge_patch", "strategic_merge_patch", "object")))
    options: dict[str, Any] = {"form": form, "seen": draw(_CONDITIONS)}
    if form == "json_patch":
        options["patch"] = draw(st.lists(_json_operations(kind), max_size=3))
    elif form == "object":
        options["patch"] = draw(_contents(kind))
        options["paths"] = draw(st.lists(_masks(kind), unique=True, min_size=1, max_size=3))
    else:
        options["patch"] = draw(_contents(kind, None))
        if form == "strategic_merge_patch" and draw(_rarely(True, False)):
            metadata = options["patch"].setdefault("metadata", {})
            metadata["$deleteFromPrimitiveList/finalizers"] = draw(_finalizers())
    if draw(_rarely(True, False)):
        options["subresource"] = "status"
    options = _options(draw, **options)
    return Operation(verb="Patch", kind=kind, name=draw(_NAMES), options=options)


@st.composite
def _json_operations(draw: Draw, kind: Kind) -> dict[str, Any]:
    numbers, texts = st.integers(0, 3), st.sampled_from(("1", "red"))
    places: tuple[tuple[str, Any], ...] = (
        ("/metadata/labels/color", texts),
        ("/metadata/annotations/note", texts),
        ("/metadata/labels", _labels()),
        ("/metadata/finalizers", _finalizers()),
    )
    places += (
        (("/data/x", texts), ("/data/y", texts), ("/data", _members("x", values=texts)))
        if kind is CONFIG_MAP
        else (("/spec/replicas", numbers), ("/status/replicas", numbers))
    )
    path, values = draw(st.sampled_from(places))
    operation = draw(st.sampled_from(("add", "add", "replace", "remove", "test")))
    found = {"op": operation, "path": path}
    return found if operation == "remove" else {**found, "value": draw(values)}


def _masks(kind: Kind) -> SearchStrategy[str]:
    mine = ("data",) if kind is CONFIG_MAP else ("spec.replicas", "spec.paused", "status.replicas")
    return st.sampled_from(
        ("metadata.labels", "metadata.annotations", "metadata.finalizers", *mine)
    )


@st.composite
def scales(draw: Draw) -> Operation:
    """Draw a call for a Scale."""
    verb = draw(st.sampled_from(("GetScale", "UpdateScale", "PatchScale")))
    options = _options(draw, replicas=draw(_rarely(-1, 0, 1, 3)), seen=draw(_CONDITIONS))
    if verb == "GetScale":
        options = {}
    return Operation(verb=verb, kind=DEPLOYMENT, name=draw(_NAMES), options=options)


@st.composite
def applies(draw: Draw) -> Operation:
    """Draw an Apply, as a message or as text."""
    content: dict[str, Any] = {}
    if draw(st.booleans()):
        content["metadata"] = {"labels": draw(_labels())}
    if draw(st.booleans()):
        content["data"] = draw(_members("x", "y", "z", values=st.sampled_from(_VALUES)))
    options = _options(
        draw,
        content=content,
        form=draw(st.sampled_from(("object", "manifest"))),
        force=draw(st.booleans()),
        seen=draw(_rarely(("version",), (), ()) | _CONDITIONS),
    )
    return Operation(verb="Apply", kind=CONFIG_MAP, name=draw(_NAMES), options=options)


@st.composite
def deletes(draw: Draw) -> Operation:
    """Draw a Delete."""
    policies = st.sampled_from((None, None, *POLICIES))
    options = _options(draw, policy=draw(policies), seen=draw(_CONDITIONS))
    del options["manager"]
    return Operation(verb="Delete", kind=draw(_KINDS), name=draw(_NAMES), options=options)


@st.composite
def collection_deletes(draw: Draw) -> Operation:
    """Draw a DeleteCollection."""
    policies = st.sampled_from((None, None, *POLICIES))
    options = _options(draw, policy=draw(policies), limit=draw(st.sampled_from((None, 1, 2))))
    del options["manager"]
    options["selector"] = draw(selectors())
    return Operation(verb="DeleteCollection", kind=draw(_KINDS), options=options)


@st.composite
def gets(draw: Draw) -> Operation:
    """Draw a Get."""
    return Operation(
        verb="Get",
        kind=draw(_KINDS),
        name=draw(_NAMES),
        options={"ago": ago}
        if (ago := draw(st.sampled_from((None, 0, 3, -1)))) is not None
        else {},
    )


@st.composite
def pairs(draw: Draw) -> tuple[Operation, Operation]:
    """Draw two calls for one object."""
    calls = st.one_of(creates(), updates(), status_updates(), patches(), applies(), deletes())
    first = draw(calls)
    second = draw(calls.filter(lambda call: call.kind is first.kind))
    return first, replace(second, name=first.name)


@st.composite
def lists(draw: Draw) -> Operation:
    """Draw a List: of now or of some writes ago, whole or in pages."""
    match = draw(st.sampled_from((None, "Exact", "NotOlderThan")))
    ago = draw(st.integers(-1, 20)) if match else draw(st.sampled_from((None, None, 0, 2, -1)))
    options = {"limit": draw(st.sampled_from((None, 1, 2))), "match": match, "ago": ago}
    options = {name: value for name, value in options.items() if value is not None}
    options["selector"] = draw(selectors())
    return Operation(verb="List", kind=draw(_KINDS), options=options)


@st.composite
def selectors(draw: Draw) -> Selector:
    """Draw a selector, mostly one that chooses all."""
    if draw(st.booleans()):
        return Selector()
    keys = st.sampled_from(("color", "tier"))
    values = st.lists(st.sampled_from(("red", "blue")), min_size=1, max_size=2, unique=True)
    labels = []
    for _ in range(draw(st.integers(0, 2))):
        operator = draw(st.sampled_from(("in", "notin", "exists", "!")))
        chosen = tuple(draw(values)) if operator in ("in", "notin") else ()
        labels.append((draw(keys), operator, chosen))
    name = (draw(st.sampled_from(("=", "!="))), draw(_NAMES)) if draw(st.booleans()) else None
    return Selector(labels=tuple(labels), name=name)
