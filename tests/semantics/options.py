"""The options of a step as fields of its request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import message_factory

from protocube.meta.v1 import requests_pb2
from tests.semantics.inexpressible import Inexpressible, NotServed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.semantics.cases import Step

_VALIDATIONS: Final = {
    "Strict": requests_pb2.FIELD_VALIDATION_STRICT,
    "Warn": requests_pb2.FIELD_VALIDATION_WARN,
    "Ignore": requests_pb2.FIELD_VALIDATION_IGNORE,
}
_MATCHES: Final = {
    "NotOlderThan": requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN,
    "Exact": requests_pb2.RESOURCE_VERSION_MATCH_EXACT,
}
_POLICIES: Final = {
    "Background": requests_pb2.PROPAGATION_POLICY_BACKGROUND,
    "Foreground": requests_pb2.PROPAGATION_POLICY_FOREGROUND,
    "Orphan": requests_pb2.PROPAGATION_POLICY_ORPHAN,
}


_ENDING_SECONDS = 1.0
"""How much longer a stream is read than it is to last."""


class Filling:
    """A request that is being filled; a field that it lacks is :class:`NotServed`."""

    def __init__(self, message: Any) -> None:
        self.message = message
        self.timeout: float | None = None
        """How long the caller waits, where the step says for how long."""

    def set(self, name: str, value: Any) -> None:
        """Set a field."""
        self._need(name)
        setattr(self.message, name, value)

    def part(self, name: str) -> Any:
        """Return the message in a field, and set it."""
        self._need(name)
        found = getattr(self.message, name)
        found.SetInParent()
        return found

    def fresh(self, name: str) -> Any:
        """Return an empty message as a field takes it."""
        self._need(name)
        kind = self.message.DESCRIPTOR.fields_by_name[name].message_type
        return message_factory.GetMessageClass(kind)()

    def options(self, step: Step) -> None:
        """Say the options of a step."""
        for name, value in step.options.items():
            fill = _OPTIONS.get(name)
            if fill is None:
                raise Inexpressible(f"the option {name}")
            fill(self, value)
        if "orphanDependents" in step.options and "propagationPolicy" in step.options:
            raise Inexpressible("orphanDependents beside a propagation policy")

    def silent(self, step: Step) -> None:
        """Say what a plain client of Kubernetes says without being told.

        It is warned of unknown fields, and its manager is the program's name, but for an
        apply, which must name one.
        """
        if "fieldValidation" not in step.options and self._has("field_validation"):
            self.set("field_validation", requests_pb2.FIELD_VALIDATION_WARN)
        is_named = "fieldManager" in step.options or step.verb == "apply"
        if not is_named and self._has("field_manager"):
            self.set("field_manager", step.user_agent.partition("/")[0])

    def include_managed_fields(self, *, expected: bool) -> None:
        """Ask for managed fields.

        A request that cannot is :class:`NotServed` where the answer is ``expected`` to have some.
        """
        if expected or self._has("include_managed_fields"):
            self.set("include_managed_fields", True)

    def _has(self, name: str) -> bool:
        return name in self.message.DESCRIPTOR.fields_by_name

    def _need(self, name: str) -> None:
        if not self._has(name):
            raise NotServed(f"{self.message.DESCRIPTOR.name}.{name}")

    def _force(self, value: Any) -> None:
        if not self._has("force"):
            raise Inexpressible("only an apply can be forced")
        self.set("force", _flag(value))

    def _preconditions(self, value: Any) -> None:
        part = self.part("preconditions")
        for name, field in (("uid", "uid"), ("resourceVersion", "resource_version")):
            if not isinstance(value.get(name, ""), str):
                raise Inexpressible(f"{name} {value[name]!r}")
            setattr(part, field, value.get(name, ""))

    def _timeout(self, value: Any) -> None:
        seconds = _number(value)
        if self._has("timeout_seconds"):
            self.set("timeout_seconds", seconds)
        if seconds > 0:
            # Where the server ends the stream, it is read to that end.
            self.timeout = seconds + (_ENDING_SECONDS if self._has("timeout_seconds") else 0.0)


def _plain(field: str, convert: Callable[[Any], Any] = str) -> Callable[[Filling, Any], None]:
    return lambda filling, value: filling.set(field, convert(value))


def _one_of(table: dict[str, Any]) -> Callable[[Any], Any]:
    def find(value: Any) -> Any:
        if value not in table:
            raise Inexpressible(f"the value {value!r} of an enum")
        return table[value]

    return find


def _number(value: Any) -> int:
    try:
        return int(value)
    except ValueError:
        raise Inexpressible(f"the number {value!r}") from None


def _flag(value: Any) -> bool:
    """Read a Boolean as Kubernetes reads it in a query: any text but three is true."""
    return str(value).lower() not in ("", "0", "false")


_OPTIONS: Final[dict[str, Callable[[Filling, Any], None]]] = {
    "allowWatchBookmarks": _plain("send_progress", _flag),
    "continue": _plain("continue_token"),
    "dryRun": _plain("dry_run", _one_of({"All": True})),
    "fieldManager": _plain("field_manager"),
    "fieldSelector": _plain("field_selector"),
    "fieldValidation": _plain("field_validation", _one_of(_VALIDATIONS)),
    "force": Filling._force,
    "gracePeriodSeconds": _plain("grace_period_seconds", _number),
    "labelSelector": _plain("label_selector"),
    "limit": _plain("limit", _number),
    "orphanDependents": _plain(
        "propagation_policy", lambda value: _POLICIES["Orphan" if value else "Background"]
    ),
    "preconditions": Filling._preconditions,
    "propagationPolicy": _plain("propagation_policy", _one_of(_POLICIES)),
    "resourceVersion": _plain("resource_version"),
    "resourceVersionMatch": _plain("resource_version_match", _one_of(_MATCHES)),
    "sendInitialEvents": _plain("send_initial_events", _flag),
    "timeoutSeconds": Filling._timeout,
}
