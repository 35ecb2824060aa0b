"""An answer held against what Kubernetes answered.

Codes of HTTP are ours by the reason that kubectl prints: that is the one table of errors. What
need not match is said by the recorded cases themselves: texts that quote Go or its store, and the
code and text of a 500, which is any refusal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import encode
from protocube.meta.v1 import requests_pb2
from tests.semantics import texts
from tests.semantics.matching import ANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from google.protobuf.message import Message

    from tests.semantics.cases import Case, Step
    from tests.semantics.matching import Bindings
    from tests.semantics.wire import Answer

_NEWEST = re.compile(r"\bcurrent: \S+")
_UNSETTLED: Final = "duplicate port"
"""Which of these warnings Kubernetes gives varies from run to run; they are not recorded."""
_REFUSALS: Final = (
    *(errors.BadRequest, errors.Invalid, errors.Conflict, errors.TooLarge),
    *(errors.NotFound, errors.AlreadyExists, errors.Forbidden),
)
"""What a 500 of Kubernetes, nearly always a refusal of bad input, may be here."""
_NAMES_ALONE: Final = "types and names alone"
"""The note of a watch of which nothing else was recorded."""
_ANY_STATE: Final = "any state"
"""Stands for the items, and so for the pages, of an answer out of a cache that may lag."""
_NO_SUCH_METHOD: Final = "the server could not find the requested resource"
END_OF_INITIAL_EVENTS: Final = {"annotations": {"k8s.io/initial-events-end": "true"}}
_TYPES: Final = {
    requests_pb2.EVENT_TYPE_ADDED: "ADDED",
    requests_pb2.EVENT_TYPE_MODIFIED: "MODIFIED",
    requests_pb2.EVENT_TYPE_DELETED: "DELETED",
}


class Judge:
    """Judges the answers of one replay, in the order of its steps."""

    def __init__(self, case: Case, bindings: Bindings) -> None:
        self._case = case
        self._bindings = bindings
        self._versions: dict[int, str] = {}
        """The version of the object that each step was answered with."""

    def differences(self, step: Step, expect: Mapping[str, Any], answer: Answer) -> Iterator[str]:
        """Yield a line for everything in which the answer to ``step`` is not as expected.

        ``expect`` is what the step expects, without placeholders.
        """
        if step.verb == "watch" and expect["code"] < 400:
            yield from self._stream(step, expect, answer)
        elif expect["code"] >= 400:
            yield from self._refusal(expect, answer)
        elif answer.error is not None:
            yield f"refused: {_told(answer.error)}; expected {expect['code']}"
        else:
            yield from self._success(step, expect, answer)
        yield from self._warnings(step, expect, answer)

    def _refusal(self, expect: Mapping[str, Any], answer: Answer) -> Iterator[str]:
        error = answer.error
        if error is None:
            yield f"accepted; expected {expect['code']}: {expect.get('message', '')}"
        elif expect["code"] == 500:
            if not isinstance(error, _REFUSALS):
                yield f"{_told(error)}; expected a refusal: {expect.get('message', '')}"
        elif answer.by_client:
            message = texts.sorted_fields(expect.get("message", ""))
            told = error.with_message(texts.sorted_fields(error.message))
            yield from self._error({**expect, "message": message}, told)
        else:
            yield from self._error(expect, error)

    def _error(self, expect: Mapping[str, Any], error: errors.ApiError) -> Iterator[str]:
        reason = expect.get("reason", "")
        if error.kubectl_reason != reason:
            yield f"{_told(error)}; expected {reason}: {expect.get('message', '')}"
            return
        message = expect.get("message", "")
        if not texts.is_foreign(message):
            expected = texts.without_internals(message)
            # Records of the server's own move the newest revision, too.
            expected, told = (_NEWEST.sub("current: N", text) for text in (expected, error.message))
            yield from self._bindings.differences(expected, told, "message")
        yield from self._causes(expect.get("causes", []), error)

    def _causes(self, expected: list[Any], error: errors.ApiError) -> Iterator[str]:
        """Judge the causes. One that is told again in the same words counts once.

        How often Kubernetes comes by a rule on its way is no part of the answer's meaning.
        """
        causes = _distinct({"field": "", **cause} for cause in expected)
        found = _distinct(
            {"reason": item.reason, "message": item.message, "field": item.field}
            for item in error.violations
        )
        if any(cause["reason"] == "FieldManagerConflict" for cause in causes):
            found.sort(key=lambda cause: (cause["message"], cause["field"]))
        for cause, ours in zip(causes, found, strict=False):
            is_foreign = texts.is_foreign(cause["message"])
            cause["message"] = (
                ours["message"] if is_foreign else texts.without_internals(cause["message"])
            )
        yield from self._bindings.differences(causes, found, "causes")

    def _success(self, step: Step, expect: Mapping[str, Any], answer: Answer) -> Iterator[str]:
        message: Any = answer.message
        if "items" in expect:
            yield from self._list(expect, message)
        elif "object" in expect:
            wanted = dict(expect["object"])
            found = self._shown(message)
            self._forget_version(wanted, found)
            yield from self._bindings.differences(wanted, found)
            yield from self._version(step, expect, message.metadata.resource_version)
        elif expect.get("status") == "Success":
            uid = expect.get("details", {}).get("uid")
            if uid is not None:
                yield from self._bindings.differences(uid, message.metadata.uid, "uid")

    def _version(self, step: Step, expect: Mapping[str, Any], version: str) -> Iterator[str]:
        """Judge which versions are new; the tokens in the object have told most of it."""
        word = expect.get("rv", "")
        if word.startswith("same as step"):
            earlier = self._versions.get(int(word.rpartition(" ")[2]), version)
            if version != earlier:
                yield f"the version {version} instead of {earlier}: nothing is to be written"
        elif word == "new" and version in self._versions.values():
            yield f"the version {version} again: something is to be written"
        self._versions[step.number] = version

    def _list(self, expect: Mapping[str, Any], message: Any) -> Iterator[str]:
        wanted = expect.get("list", {})
        if "kind" in wanted:
            yield from self._bindings.differences(
                wanted["kind"], message.kind or type(message).DESCRIPTOR.name, "kind"
            )
        if expect["items"] == _ANY_STATE:
            return
        if wanted.get("metadata"):
            expected = dict(wanted["metadata"])
            if self._case.needs:
                # Controllers write, too: a list may be newer than the last write of the case.
                expected["resourceVersion"] = ANY
            metadata = encode.data(message.metadata)
            yield from self._bindings.differences(expected, metadata, "metadata")
        wanted_items = [_item(item) for item in expect["items"]]
        items = [_item(self._shown(item)) for item in message.items]
        for item, ours in zip(wanted_items, items, strict=False):
            self._forget_version(item, ours)
        yield from self._bindings.differences(wanted_items, items, "items")

    def _stream(self, step: Step, expect: Mapping[str, Any], answer: Answer) -> Iterator[str]:
        wanted, found = list(expect["events"]), self._events(answer)
        if step.note == _NAMES_ALONE:
            found = [_named(event) for event in found]
        failure = wanted.pop()["object"] if _ends_with(wanted, "ERROR") else None
        if failure is not None and answer.error is not None:
            causes = failure.get("details", {}).get("causes", [])
            yield from self._error({**failure, "causes": causes}, answer.error)
        elif failure is not None:
            yield f"no error ends the watch; expected {failure['reason']}: {failure['message']}"
        elif answer.error is not None:
            yield f"the watch ends: {_told(answer.error)}"
        wanted, found = _settled(wanted), _settled(found)
        if not _ends_with_progress(wanted) and _ends_with_progress(found):
            found.pop()
        yield from self._bindings.differences(wanted, found, "events")

    def _events(self, answer: Answer) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for response in answer.responses:
            found += [
                {
                    "type": _TYPES.get(event.type, str(event.type)),
                    "object": self._shown(event.object),
                }
                for event in response.events
            ]
            is_end = getattr(response, "initial_events_end", False)
            if is_end or response.progress:
                metadata = {"resourceVersion": response.resource_version}
                end = END_OF_INITIAL_EVENTS if is_end else {}
                found.append({"type": "BOOKMARK", "object": {"metadata": {**metadata, **end}}})
        return found

    def _warnings(self, step: Step, expect: Mapping[str, Any], answer: Answer) -> Iterator[str]:
        expected = list(expect.get("warnings", []))
        found = [text for text in answer.warnings if _UNSETTLED not in text]
        if step.body is not None or step.verb == "patch":
            # Those of unknown fields stand in the order of a text that no message keeps.
            expected.sort(key=texts.order_of_fields)
            found.sort(key=texts.order_of_fields)
        yield from self._bindings.differences(expected, found, "warnings")

    def _shown(self, message: Message) -> dict[str, Any]:
        """Return an object as JSON in the form of the recorded ones."""
        data = encode.shown(message)
        metadata = data.get("metadata", {})
        entries = metadata.get("managedFields", [])
        if not self._case.keeps_managed_fields:
            metadata.pop("managedFields", None)
        elif self._case.sorts_managed_fields:
            metadata["managedFields"] = sorted(entries, key=_by_owner)
            if not entries:
                metadata.pop("managedFields")
        return data

    def _forget_version(self, wanted: Mapping[str, Any], found: dict[str, Any]) -> None:
        """Drop a version that was not recorded, because controllers write at their own pace."""
        if self._case.needs and "resourceVersion" not in wanted.get("metadata", {}):
            found.get("metadata", {}).pop("resourceVersion", None)


def is_no_such_method(expect: Mapping[str, Any]) -> bool:
    """Tell whether Kubernetes, too, says that the kind has no such method."""
    message: str = expect.get("message", "")
    return expect["code"] == 405 or message == _NO_SUCH_METHOD


def _distinct(causes: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for cause in causes:
        if cause not in found:
            found.append(cause)
    return found


def _by_owner(entry: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("operation", "subresource", "manager", "apiVersion")
    return tuple(entry.get(name, "") for name in names)


def _item(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of a list without what Kubernetes says of the list alone."""
    return {key: value for key, value in data.items() if key not in ("apiVersion", "kind")}


def _named(event: Mapping[str, Any]) -> dict[str, Any]:
    name = event["object"]["metadata"].get("name", "")
    return {"type": event["type"], "object": {"metadata": {"name": name}}}


def _settled(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return events without the bookmarks whose number is free: all but a last one."""
    found = [event for event in events if not _is_progress(event)]
    if _ends_with_progress(events):
        metadata = events[-1]["object"]["metadata"]
        found.append({"type": "BOOKMARK", "object": {"metadata": metadata}})
    return [
        {"type": event["type"], "object": {"metadata": event["object"]["metadata"]}}
        if event["type"] == "BOOKMARK"
        else event
        for event in found
    ]


def _ends_with(events: list[dict[str, Any]], word: str) -> bool:
    return bool(events) and events[-1]["type"] == word


def _ends_with_progress(events: list[dict[str, Any]]) -> bool:
    return bool(events) and _is_progress(events[-1])


def _is_progress(event: Mapping[str, Any]) -> bool:
    is_bookmark = event["type"] == "BOOKMARK"
    return is_bookmark and "annotations" not in event["object"]["metadata"]


def _told(error: errors.ApiError) -> str:
    return f"{error.kubectl_reason}: {error.message}"
