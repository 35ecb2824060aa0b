"""A case replayed on a server, step by step, until an answer is not as recorded."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.catalog import Catalog
from protocube.core.v1.namespace_pb2 import Namespace
from tests.semantics import cases, judging, requests, rewriting, waiting
from tests.semantics.inexpressible import Inexpressible, NoSuchMethod, NotServed
from tests.semantics.judging import Judge
from tests.semantics.matching import Bindings
from tests.semantics.placeholders import Missing, Placeholders
from tests.semantics.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocube.catalog import Resource
    from tests.semantics.cases import Case, Step
    from tests.semantics.places import Place

_WATCH_SECONDS = 1.0
"""How long a watch is read that names no timeout."""
_PATIENCE_SECONDS = 4.0
"""How much longer, on a slow machine, events are waited for that are expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is not as recorded in one step."""

    step: int
    lines: tuple[str, ...]
    not_served: bool = False
    """The services lack a method or a field; the one line says which."""


class Replay:
    """One case on one server."""

    def __init__(self, case: Case, place: Place, label: str) -> None:
        """Prepare a replay. ``label`` makes names of namespaces that no other replay has."""
        self._case = case
        self._place = place
        # Of one length, so that the keys below them sort as the names do.
        self._namespaces = {"NS": f"{label}-a", "NS2": f"{label}-b"}
        self._placeholders = Placeholders(namespaces=self._namespaces)
        self._bindings = Bindings()
        self._judge = Judge(case, self._bindings)

    async def findings(self, exempt: frozenset[int] = frozenset()) -> list[Finding]:
        """Return what is not as recorded, in the steps of ``exempt`` and in the first other one."""
        for name in self._namespaces.values():
            await self._create_namespace(name)
        if self._case.sees_the_revision:
            # The recorded servers did not know what had been before the case either.
            store = self._place.store
            await store.compact(await store.revision())
        found: list[Finding] = []
        for step in self._case.steps:
            finding = await self._step(step)
            if finding is None:
                continue
            found.append(finding)
            if step.number not in exempt:
                break
        return found

    async def _create_namespace(self, name: str) -> None:
        resource: Resource = _resource("v1", "Namespace")
        namespace: Any = Namespace(api_version="v1", kind="Namespace")
        namespace.metadata.name = name
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        step = cases.step(0, {"verb": "create", "body": body})
        answer = await self._place.wire.call(requests.build(resource, step, managed_fields=False))
        assert answer.error is None, answer.error

    async def _step(self, step: Step) -> Finding | None:
        try:
            lines = await self._differences(self._filled(step))
        except NotServed as error:
            return Finding(step=step.number, lines=(str(error),), not_served=True)
        except Inexpressible as error:
            lines = [f"a typed request cannot say it: {error}"]
        except Missing as error:
            lines = [str(error)]
        return Finding(step=step.number, lines=tuple(lines)) if lines else None

    def _filled(self, step: Step) -> Step:
        """Return a step without placeholders."""
        members = {
            field.name: self._placeholders.filled(getattr(step, field.name))
            for field in dataclasses.fields(step)
            if field.name not in ("expect", "note", "during")
        }
        during = tuple(self._placeholders.filled(item) for item in step.during)
        return dataclasses.replace(step, **members, during=during)

    async def _differences(self, step: Step) -> list[str]:
        if step.verb == "wait":
            return await waiting.differences(
                self._place, _resource(step.api_version, step.kind), step
            )
        if step.verb == "compact":
            await self._place.store.compact(int(step.options["resourceVersion"]))
            return []
        resource = _resource(step.api_version, step.kind)
        if resource is None:
            raise NotServed(f"{step.api_version} {step.kind}")
        if step.verb == "store":
            await rewriting.rewrite(self._place, resource, step)
            return []
        expect = _with_namespaces(step.expect, self._namespaces)
        answer = await self._answer(resource, step, expect)
        if answer is None:
            return []
        self._remember(step, answer)
        lines = list(self._judge.differences(step, expect, answer))
        if step.verb == "delete_collection":
            self._bindings.free_versions()
        return lines

    async def _answer(
        self, resource: Resource, step: Step, expect: Mapping[str, Any]
    ) -> Answer | None:
        """Return what the server, or the client before it, answers; nothing where that is right."""
        try:
            request = requests.build(resource, step, managed_fields=self._case.keeps_managed_fields)
        except NoSuchMethod:
            if judging.is_no_such_method(expect):
                return None
            error = errors.MethodNotSupported("the kind declares no such subresource")
            return Answer(error=error, by_client=True)
        except errors.ApiError as error:
            return Answer(error=error, by_client=True)
        if step.verb != "watch":
            return await self._place.wire.call(request)
        async with asyncio.TaskGroup() as group:
            for item in step.during:
                group.create_task(self._meanwhile(item))
            watching = group.create_task(
                self._place.wire.watch(
                    request,
                    seconds=request.timeout or _WATCH_SECONDS,
                    patience=_PATIENCE_SECONDS,
                    enough=lambda responses: _is_complete(responses, expect.get("events", ())),
                )
            )
        return watching.result()

    async def _meanwhile(self, item: Mapping[str, Any]) -> None:
        """Send one create while a watch is read."""
        await waiting.seconds(item["after_seconds"])
        step = cases.step(0, item)
        resource = _resource(step.api_version, step.kind)
        answer = await self._place.wire.call(requests.build(resource, step, managed_fields=False))
        assert answer.error is None, answer.error

    def _remember(self, step: Step, answer: Answer) -> None:
        """Keep what later steps can name of an answer."""
        metadata: Any = getattr(answer.message, "metadata", None)
        if metadata is None:
            token = getattr(answer.error, "continue_token", "")
            self._placeholders.answers[step.number] = {"continue": token}
            return
        self._placeholders.answers[step.number] = {
            "rv": metadata.resource_version,
            "uid": getattr(metadata, "uid", ""),
            "name": getattr(metadata, "name", ""),
            "continue": getattr(metadata, "continue_token", ""),
        }


def _resource(api_version: str, kind: str) -> Any:
    """Return the resource of a kind, ``None`` when it is not shipped."""
    return Catalog.shipped().for_kind(api_version, kind)


def _is_complete(responses: Sequence[Any], expected: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether there are as many events as expected, and behind them a bookmark if need be."""
    types = [event["type"] for event in expected]
    count = sum(len(response.events) for response in responses)
    is_marked = bool(responses) and (not responses[-1].events or responses[-1].progress)
    ends = types[-1:] != ["BOOKMARK"] or is_marked
    return ends and count >= len(types) - types.count("BOOKMARK")


def _with_namespaces(expect: Any, namespaces: Mapping[str, str]) -> Any:
    """Return an expectation in which the namespaces have their names; other tokens stay."""
    return Placeholders(namespaces=namespaces).filled(expect)


__all__ = ["Finding", "Replay"]
