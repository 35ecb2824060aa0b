"""One line of the log: an ``Event`` of ``audit.k8s.io/v1`` as JSON."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from protocube_server.audit.policy import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.audit.policy import Level, Stage
    from protocube_server.calls.user import User

DECISION: Final = "authorization.k8s.io/decision"
REASON: Final = "authorization.k8s.io/reason"
"""Annotations about rights, as Kubernetes calls them."""

_LONGEST: Final = 1024
"""Characters of what a caller chooses: a name, an agent."""
_HOST_FORMS: Final = ("ipv4:", "ipv6:")

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What is told of a call."""

    level: Level
    stage: Stage
    uri: str
    """The path of the method: what a caller has in place of an URL."""
    verb: str
    user: User | None
    """Who showed the credential; ``None`` when nobody is known."""
    acts_as: User | None = None
    """Whom the user acts as, if anybody."""
    peer: str = ""
    """Where the call came from, as gRPC says it; empty for the server itself."""
    agent: str = ""
    about: Mapping[str, str] | None = None
    """The object, by the fields of an ``ObjectReference``; ``None`` where there is none."""
    outcome: Mapping[str, Any]
    request: Any = None
    """The object of the request as data, where it is to be told."""
    response: Any = None
    received: float
    """In seconds since 1970."""
    staged: float
    """When the call had come to the stage, likewise."""
    annotations: Mapping[str, str] | None = None

    def line(self) -> bytes:
        """Return the event as one line."""
        found: dict[str, Any] = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": WORDS[self.level],
            "auditID": str(uuid.uuid4()),
            "stage": self.stage.value,
            "requestURI": self.uri,
            "verb": self.verb,
            "user": _user(self.user) if self.user is not None else {},
        }
        if self.acts_as is not None:
            found["impersonatedUser"] = _user(self.acts_as)
        if address := _address(self.peer):
            found["sourceIPs"] = [address]
        if self.agent:
            found["userAgent"] = self.agent[:_LONGEST]
        if self.about is not None:
            found["objectRef"] = {
                name: text[:_LONGEST] for name, text in self.about.items() if text
            }
        found["responseStatus"] = self.outcome
        if self.request is not None:
            found["requestObject"] = self.request
        if self.response is not None:
            found["responseObject"] = self.response
        found["requestReceivedTimestamp"] = _time(self.received)
        found["stageTimestamp"] = _time(self.staged)
        if self.annotations:
            found["annotations"] = self.annotations
        return _encode(found).encode() + b"\n"


def _user(user: User) -> dict[str, Any]:
    found: dict[str, Any] = {"username": user.name}
    if user.uid:
        found["uid"] = user.uid
    if user.groups:
        found["groups"] = user.groups
    if user.extra:
        found["extra"] = dict(user.extra)
    return found


def _address(peer: str) -> str:
    """Return the address in what gRPC calls a peer: ``ipv4:127.0.0.1:5000``, ``ipv6:[::1]:5000``.

    Empty for what is no address.
    """
    if not peer.startswith(_HOST_FORMS):
        return ""
    host = unquote(peer[5:]).rpartition(":")[0]
    return host.removeprefix("[").removesuffix("]")


def _time(seconds: float) -> str:
    """Return a time as Kubernetes' ``MicroTime``."""
    found = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return found.isoformat(timespec="microseconds") + "Z"
