"""The stages of a call: their order, what they know, and what a stage that is off costs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.calls import chain
from protocube_server.calls.call import Call
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import SYSTEM, User
from protocube_server.calls.verb import Target
from protocube_server.kinds.edition import Edition
from protocube_server.kinds.registry import Registry
from protocube_server.verbs.methods import METHODS

if TYPE_CHECKING:
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind

EDITION = Edition(number=1, kinds=Registry(Catalog.shipped(), "/registry", FUNCTIONS))
LIMIT = 10_000
IN_ORDER = [
    "observed",
    "limited_by_connection",
    "authenticated",
    "audited",
    "limited_by_user",
    "known",
    "authorized",
    "in_force",
]
"""The stages that can be switched on; the target is found before the last two of them."""


class _Seen:
    """A stage that notes what it can see of the call when it is reached."""

    def __init__(self, name: str, seen: list[tuple[str, Target]]) -> None:
        self._name = name
        self._seen = seen

    def compile(self, kind: Kind, verb: Verb, following: chain.Handler) -> chain.Handler:
        """See ``chain.Stage``."""
        del kind, verb

        def handle(call: Call) -> Any:
            self._seen.append((self._name, call.target))
            return following(call)

        return handle


class _OnlyFor:
    """A stage that has something to do for one verb alone."""

    def __init__(self, word: str) -> None:
        self._word = word

    def compile(self, kind: Kind, verb: Verb, following: chain.Handler) -> chain.Handler:
        """See ``chain.Stage``."""
        del kind

        async def refuse(_: Call) -> bytes:
            raise errors.Forbidden("refused")

        return refuse if verb.word == self._word else following


async def _run(call: Call) -> bytes:
    return call.target.name.encode()


def _compiled(method: str, on: Stages, message: str = "protocube.core.v1.Pod") -> Any:
    kind = EDITION.kinds.for_message(message)
    assert kind is not None
    verb = METHODS[method].verb
    handler = chain.compiled(kind, verb, _run, on=on, request_limit=LIMIT)

    async def answer(raw: bytes, user: User = SYSTEM) -> bytes:
        call = Call(user=user, edition=EDITION, kind=kind, verb=verb, raw=raw)
        found: bytes = await handler(call)
        return found

    return answer


GET = requests_pb2.GetRequest(name="web").SerializeToString()


async def test_stages_are_met_in_the_order_that_is_listed() -> None:
    """Every stage that can be switched on is met once, and the target is known to the last."""
    seen: list[tuple[str, Target]] = []
    names = [item.name for item in dataclasses.fields(Stages)]
    on = Stages(**{name: _Seen(name, seen) for name in names})
    assert await _compiled("Get", on)(GET) == b"web"
    assert [name for name, _ in seen] == IN_ORDER
    assert sorted(names) == sorted(IN_ORDER)
    nowhere, there = Target(), Target("default", "web")
    assert [target for _, target in seen] == [nowhere] * (len(IN_ORDER) - 2) + [there] * 2


def test_a_stage_that_is_off_is_not_there() -> None:
    """Without stages a call goes from its request to its verb, with nothing in between."""
    kind = EDITION.kinds.for_message("protocube.core.v1.Pod")
    assert kind is not None
    verb = METHODS["Get"].verb
    found = chain.FindTarget(LIMIT).compile(kind, verb, _run)
    handler = chain.compiled(kind, verb, _run, on=Stages(), request_limit=LIMIT)
    assert handler.__code__ is found.__code__
    assert handler.__closure__ is not None
    assert _run in [cell.cell_contents for cell in handler.__closure__]


async def test_a_stage_is_compiled_for_a_kind_and_verb() -> None:
    """A stage that has nothing to do for a verb leaves it alone."""
    on = Stages(authorized=_OnlyFor("delete"))
    assert await _compiled("Get", on)(GET) == b"web"
    request = requests_pb2.DeleteRequest(name="web").SerializeToString()
    with pytest.raises(errors.Forbidden):
        await _compiled("Delete", on)(request)


async def test_nothing_is_parsed_for_a_user_who_has_no_rule() -> None:
    """The question whether a user may use a verb at all comes before the request is read."""
    with pytest.raises(errors.Forbidden):
        await _compiled("Get", Stages(known=_OnlyFor("get")))(b"\xff not a request")
    with pytest.raises(errors.BadRequest, match="cannot be decoded"):
        await _compiled("Get", Stages(authorized=_OnlyFor("get")))(b"\xff not a request")


async def test_a_request_over_the_limit_is_not_parsed() -> None:
    """Its size alone refuses it."""
    with pytest.raises(errors.TooLarge, match="limit is 10000"):
        await _compiled("Get", Stages())(b"\xff" * (LIMIT + 1))


def _create(message: str, **metadata: str) -> bytes:
    kind = EDITION.kinds.for_message(message)
    assert kind is not None
    request: Any = kind.resource.create_request_class()
    for name, value in metadata.items():
        setattr(request.object.metadata, name, value)
    raw: bytes = request.SerializeToString()
    return raw


POD, NODE = "protocube.core.v1.Pod", "protocube.core.v1.Node"


@pytest.mark.parametrize(
    ("method", "message", "raw", "target"),
    [
        ("Get", POD, GET, Target("default", "web")),
        ("Get", NODE, requests_pb2.GetRequest(name="n", namespace="x"), Target("", "n")),
        ("Create", POD, _create(POD, name="a", namespace="x"), Target("x", "a")),
        ("Create", POD, _create(POD, generate_name="a-"), Target("default", "")),
        ("Create", NODE, _create(NODE, name="n", namespace="x"), Target("", "n")),
        ("UpdateStatus", POD, _create(POD, name="a"), Target("default", "a")),
        ("List", POD, requests_pb2.ListRequest(), Target("", "")),
        ("List", POD, requests_pb2.ListRequest(namespace="x"), Target("x", "")),
        ("Watch", NODE, requests_pb2.WatchRequest(namespace="x"), Target("", "")),
        ("DeleteCollection", POD, requests_pb2.DeleteCollectionRequest(), Target("", "")),
    ],
)
async def test_the_target_of_each_verb(method: str, message: str, raw: Any, target: Target) -> None:
    """One object, one whose name is not known yet, or a collection, in the kind's own scope."""
    seen: list[tuple[str, Target]] = []
    on = Stages(authorized=_Seen("authorized", seen))
    data = raw if isinstance(raw, bytes) else raw.SerializeToString()
    await _compiled(method, on, message)(data)
    assert seen == [("authorized", target)]


def test_every_verb_says_what_it_asks_for() -> None:
    """Words and subresources are those of rights in Kubernetes, and writes are told apart."""
    told = {
        name: (method.verb.word, method.verb.subresource, method.verb.writes, method.verb.streams)
        for name, method in METHODS.items()
    }
    assert told == {
        "Create": ("create", "", True, False),
        "Get": ("get", "", False, False),
        "List": ("list", "", False, False),
        "Update": ("update", "", True, False),
        "UpdateStatus": ("update", "status", True, False),
        "Finalize": ("update", "finalize", True, False),
        "Patch": ("patch", "", True, False),
        "Apply": ("patch", "", True, False),
        "GetScale": ("get", "scale", False, False),
        "UpdateScale": ("update", "scale", True, False),
        "PatchScale": ("patch", "scale", True, False),
        "ApplyScale": ("patch", "scale", True, False),
        "Evict": ("create", "eviction", True, False),
        "CreateToken": ("create", "token", True, False),
        "Bind": ("create", "binding", True, False),
        "Delete": ("delete", "", True, False),
        "DeleteCollection": ("deletecollection", "", True, False),
        "Watch": ("watch", "", False, True),
    }
