"""One line of the log: an ``Event`` of ``audit.k8s.io/v1`` as JSON."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from protocube_server.audit.policy import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protocube_server.audit.policy import Level, Stage
    from protocube_server.calls.user import User

DECISION: Final = "authorization.k8s.io/decision"
REASON: Final = "authorization.k8s.io/reason"
"""Annotations about rights, as Kubernetes calls them."""

_LONGEST: Final = 1024
"""Characters of what a caller chooses: a name, an agent."""
_HOST_FORMS: Final = ("ipv4:", "ipv6:")
_MOST_USERS: Final = 1024
_IDS: Final = 256
"""Random numbers that are taken from the system at once."""

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_quoted: Callable[[str], str] = json.encoder.encode_basestring_ascii


# Not frozen: one is made for each call, and freezing would triple what that takes.
@dataclass(slots=True, kw_only=True, eq=False)
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
    outcome: str
    """What came of it: a ``Status`` as JSON."""
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
        # Put together by hand, in half of the time of an encoder: most of it is always the same.
        text = (
            f'{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{WORDS[self.level]}",'
            f'"auditID":"{_ids.next()}","stage":"{self.stage.value}",'
            f'"requestURI":{_quoted(self.uri)},"verb":"{self.verb}",'
            f'"user":{_users.text(self.user) if self.user is not None else "{}"}'
        )
        if self.acts_as is not None:
            text += f',"impersonatedUser":{_users.text(self.acts_as)}'
        if address := _address(self.peer):
            text += f',"sourceIPs":["{address}"]'
        if self.agent:
            text += f',"userAgent":{_quoted(self.agent[:_LONGEST])}'
        if self.about is not None:
            text += f',"objectRef":{_object(self.about)}'
        text += f',"responseStatus":{self.outcome}'
        if self.request is not None:
            text += f',"requestObject":{_encode(self.request)}'
        if self.response is not None:
            text += f',"responseObject":{_encode(self.response)}'
        text += (
            f',"requestReceivedTimestamp":"{_times.text(self.received)}",'
            f'"stageTimestamp":"{_times.text(self.staged)}"'
        )
        if self.annotations:
            text += f',"annotations":{_object(self.annotations)}'
        return f"{text}}}\n".encode()


def _object(texts: Mapping[str, str]) -> str:
    """Return an object of texts, without those that are empty."""
    pairs = [f'"{name}":{_quoted(text[:_LONGEST])}' for name, text in texts.items() if text]
    return f"{{{','.join(pairs)}}}"


class _Users:
    """Users as JSON. Who calls once calls again, as the same object."""

    def __init__(self) -> None:
        self._texts: dict[int, tuple[User, str]] = {}

    def text(self, user: User) -> str:
        """Return a user as a ``UserInfo``."""
        known = self._texts.get(id(user))
        if known is not None and known[0] is user:
            return known[1]
        found: dict[str, Any] = {"username": user.name}
        if user.uid:
            found["uid"] = user.uid
        if user.groups:
            found["groups"] = user.groups
        if user.extra:
            found["extra"] = dict(user.extra)
        text = _encode(found)
        if len(self._texts) >= _MOST_USERS:
            self._texts.clear()
        self._texts[id(user)] = (user, text)
        return text


class _Times:
    """Times as Kubernetes' ``MicroTime``."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def text(self, seconds: float) -> str:
        """Return a time."""
        whole = int(seconds)
        if whole != self._second or not self._text:
            self._second = whole
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
        return f"{self._text}.{int((seconds - whole) * 1_000_000):06}Z"


class _Ids:
    """Ids of events: UUIDs of random numbers."""

    def __init__(self) -> None:
        self._left: list[str] = []

    def next(self) -> str:
        """Return one that no other event has."""
        if not self._left:
            data = os.urandom(16 * _IDS)
            self._left = [data[at : at + 16].hex() for at in range(0, len(data), 16)]
        text = self._left.pop()
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


_users, _times, _ids = _Users(), _Times(), _Ids()


def _address(peer: str) -> str:
    """Return the address in what gRPC calls a peer: ``ipv4:127.0.0.1:5000``, ``ipv6:[::1]:5000``.

    Empty for what is no address.
    """
    if not peer.startswith(_HOST_FORMS):
        return ""
    host = (unquote(peer) if "%" in peer else peer)[5:].rpartition(":")[0]
    return host.removeprefix("[").removesuffix("]")
