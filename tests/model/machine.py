"""Random histories of three clients, on a server and in the model: every answer is the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.model import drawing, patching, reading, writing
from tests.model.client import Client
from tests.model.objects import KINDS, Operation, Refused
from tests.model.reading import ALL, Page, Selector
from tests.model.served import CLIENTS, Served
from tests.model.views import Views
from tests.model.world import World

if TYPE_CHECKING:
    from tests.model.objects import Kind, View

_CLIENTS = st.integers(0, CLIENTS - 1)
_WRITES = {
    "Create": writing.create,
    "Update": writing.update,
    "UpdateStatus": writing.update_status,
    "Patch": writing.patch,
    "Apply": writing.apply,
    "UpdateScale": writing.update_scale,
    "PatchScale": writing.update_scale,
    "Delete": writing.delete,
}
_ANSWERS = {
    **_WRITES,
    "Get": reading.get,
    "GetScale": writing.get_scale,
    "List": reading.list_,
}
_REPLAYED = (ALL, Selector(labels=(("color", "in", ("red",)),)), Selector(name=("!=", "a")))
_END = "end"


class History(RuleBasedStateMachine):
    """One history, in a namespace of its own."""

    served: ClassVar[Served]
    counts: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        namespace, version = self.served.begin()
        self.world = World(version)
        self.views = Views(namespace, self.served.clock)
        self.clients = [Client(each, namespace, self.views) for each in self.served.callers]
        self.namespace = namespace
        self._seen: list[dict[tuple[str, str], View]] = [{} for _ in self.clients]
        self._is_right = True

    @rule(client=_CLIENTS, call=drawing.creates())
    def create(self, client: int, call: Operation) -> None:
        """Create an object."""
        self._compare(client, self._resolved(client, call))

    @rule(client=_CLIENTS, call=drawing.updates())
    def update(self, client: int, call: Operation) -> None:
        """Replace an object."""
        self._compare(client, self._resolved(client, call))

    @rule(client=_CLIENTS, call=drawing.status_updates())
    def update_status(self, client: int, call: Operation) -> None:
        """Replace a status."""
        self._compare(client, self._resolved(client, call))

    @rule(client=_CLIENTS, call=drawing.patches())
    def patch(self, client: int, call: Operation) -> None:
        """Change parts of an object."""
        self._compare(client, self._resolved(client, call))

    @rule(client=_CLIENTS, call=drawing.scales())
    def scale(self, client: int, call: Operation) -> None:
        """Read or change a Scale."""
        self._compare(client, self._resolved(client, call))

    @rule(client=_CLIENTS, call=drawing.applies())
    def apply(self, client: int, call: Operation) -> None:
        """Apply what a manager wants."""
        self._compare(client, self._resolved(client, call))

    @rule(client=_CLIENTS, call=drawing.deletes())
    def delete(self, client: int, call: Operation) -> None:
        """Delete an object."""
        self._compare(client, self._resolved(client, call))

    @rule(client=_CLIENTS, call=drawing.gets())
    def get(self, client: int, call: Operation) -> None:
        """Read an object."""
        self._compare(client, self._resolved(client, call))

    @rule(client=_CLIENTS, call=drawing.lists())
    def pages(self, client: int, call: Operation) -> None:
        """List, page after page; writes of others may be in between in the model's past only."""
        call = self._resolved(client, call)
        page = self._compare(client, call)
        while isinstance(page, Page) and page.rest:
            options = {k: v for k, v in call.options.items() if k not in ("version", "match")}
            options["token"] = page.rest
            page = self._compare(client, replace(call, options=options))

    @rule(calls=drawing.pairs())
    def together(self, calls: tuple[Operation, Operation]) -> None:
        """Let two clients call at once: it is as if one had called after the other."""
        self._tick()
        resolved = [self._resolved(client, call) for client, call in enumerate(calls)]
        self.counts.update(call.verb for call in resolved)
        found = self.served.run(self._answers(resolved))
        worlds = [self.world.copy(), self.world.copy()]
        first = [self._answer(worlds[0], call) for call in resolved]
        second = [self._answer(worlds[1], call) for call in reversed(resolved)][::-1]
        version = self.served.run(self.served.api.store.revision())
        for world, expected in zip(worlds, (first, second), strict=True):
            if (found, version) == (expected, world.version):
                self.world = world
                return
        what = " at once with ".join(map(str, resolved))
        self._judge(f"{what}, at {version}", [first, second], found)

    async def _answers(self, calls: list[Operation]) -> list[Any]:
        return await asyncio.gather(
            *(client.answer(call) for client, call in zip(self.clients, calls, strict=False))
        )

    def _tick(self) -> None:
        self.world.now += 1
        self.served.clock.second = self.world.now

    @rule(client=_CLIENTS, call=drawing.collection_deletes())
    def collection(self, client: int, call: Operation) -> None:
        """Delete what is chosen; the order is the store's choice."""
        since = self.world.version
        self._compare(client, call)
        if self.world.version == since:
            self._judge_version(call)
            return
        now = self.served.run(
            self.clients[client].answer(Operation(verb="List", kind=call.kind, options={}))
        )
        found = self.served.run(self.clients[client].events(call.kind, ALL, since, now.version))
        self.world.reorder(since, [(view["version"], view["name"]) for _, view in found])
        self._judge_version(call)

    @rule(
        client=_CLIENTS,
        kind=st.sampled_from(KINDS),
        selector=drawing.selectors(),
        ago=st.integers(1, 20),
    )
    def watch(self, client: int, kind: Kind, selector: Selector, ago: int) -> None:
        """Watch from some writes ago on until now."""
        self._watch(client, kind, selector, max(self.world.first, self.world.version - ago))

    @rule()
    def look_back(self) -> None:
        """Compare what lists say, what watches replay, and what is stored."""
        for client, kind in enumerate(KINDS):
            self._compare(client, Operation(verb="List", kind=kind, options={}))
            for selector in _REPLAYED:
                self._watch(client, kind, selector, self.world.first)
            found = reading.chosen(self.world.things, kind, ALL)
            self._judge(
                f"the store has other {kind.word} than the model",
                [thing.shown(thing.version, owners=kind.has_owners) for thing in found],
                self.served.run(self.served.stored(self.views, kind, self.namespace)),
            )

    def teardown(self) -> None:
        """Look back once more, behind an event that ends each watch: none has one too many."""
        if not self._is_right:
            return
        for kind in KINDS:
            content = {"metadata": {"labels": {"color": "red"}}}
            options = {"content": content, "manager": "m1"}
            self._compare(0, Operation(verb="Create", kind=kind, name=_END, options=options))
        self.look_back()

    def _watch(self, client: int, kind: Kind, selector: Selector, after: int) -> None:
        expected = list(reading.events(self.world, kind, selector, after))
        if not expected:
            return
        self.counts["Watch"] += 1
        until = expected[-1][1]["version"]
        found = self.served.run(self.clients[client].events(kind, selector, after, until))
        self._judge(f"a watch of {kind.word} from {after} on, {selector}", expected, found)

    def _compare(self, client: int, call: Operation) -> Any:
        """Carry out an operation in the model and on the server, and return the answer."""
        self._tick()
        self.counts[call.verb] += 1
        expected = self._answer(self.world, call)
        found = self.served.run(self.clients[client].answer(call))
        if call.verb in ("UpdateScale", "PatchScale"):
            expected = self._scaled(call, expected, found)
        self._judge(f"client {client}: {call}", expected, found)
        if call.verb != "DeleteCollection":
            self._judge_version(call)
        if isinstance(found, dict) and "content" in found and not call.get("dry_run"):
            self._seen[client][call.kind.word, call.name] = found
        return found

    def _scaled(self, call: Operation, expected: Any, found: Any) -> Any:
        """Follow a write of a Scale that changes nothing but who owns the replicas.

        As in Kubernetes it can be a write, by rules that the model does not have: it does not
        follow the owners of these kinds.
        """
        thing = self.world.find(call.kind, call.name)
        if isinstance(expected, dict) and isinstance(found, dict) and thing is not None:
            is_same = expected["version"] == thing.version != self.world.version + 1
            if is_same and found["version"] == self.world.version + 1:
                self.world.put(thing)
                return {**expected, "version": self.world.version}
        return expected

    def _judge_version(self, call: Operation) -> None:
        """Compare what the store has written so far: nothing but what the model has."""
        written = self.served.run(self.served.api.store.revision())
        self._judge(f"the store's version after {call}", self.world.version, written)

    def _answer(self, world: World, call: Operation) -> Any:
        try:
            if call.verb == "DeleteCollection":
                page = reading.list_(world, call)
                names = {view["name"] for view in page.items}
                chosen = reading.chosen(world.things, call.kind, ALL)
                writing.delete_collection(
                    world, call, [thing for thing in chosen if thing.name in names]
                )
                return page
            return _ANSWERS[call.verb](world, call)
        except Refused as refusal:
            return refusal

    def _judge(self, what: str, expected: Any, found: Any) -> None:
        if expected != found:
            self._is_right = False
            raise AssertionError(f"{what}\n  the model: {expected!r}\n  the server: {found!r}")

    def _resolved(self, client: int, call: Operation) -> Operation:
        """Return an operation with what its client has seen of the object, or nothing of that."""
        options = dict(call.options)
        seen = self._seen[client].get((call.kind.word, call.name))
        for name in options.pop("seen", ()):
            if seen is not None:
                options[name] = seen[name]
        if options.pop("onto", False):
            had = seen["content"] if seen is not None else {}
            options["content"] = patching.merge(had, options["content"])
        if "ago" in options:
            version = self.world.version - options.pop("ago")
            options["version"] = max(self.world.first, version)
        return replace(call, options=options)


def histories(served: Served) -> type[History]:
    """Return the machine that plays histories on a server, and counts its calls."""
    return type("Histories", (History,), {"served": served, "counts": Counter()})
