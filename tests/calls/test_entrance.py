"""Calls from inside take the way of all others, and each write asks for admission."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.config_map_service_pb2 import (
    CreateConfigMapRequest,
    UpdateConfigMapRequest,
)
from protocube.meta.v1 import requests_pb2
from protocube_server.calls.admission import AdmitsAll
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import SYSTEM, User
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.verbs.entrance import Entrance
from tests import bare_server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api

SERVICE = "protocube.core.v1.ConfigMaps"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Api, None]:
    """Provide an API over a store of its own."""
    store = await SqliteStore.open(tmp_path / "store.db")
    yield await bare_server.api_over(store)
    await store.close()


class _Users:
    """A stage that notes who calls what."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str]] = []

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See ``chain.Stage``."""
        del kind

        def handle(call: Call) -> Any:
            self.seen.append((call.user.name, verb.word, call.target.name))
            return following(call)

        return handle


class _Taker(AdmitsAll):
    """Takes each name that is about to be created, as another caller would."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.names: list[str] = []

    async def mutate(self, call: Call, old: Any, new: Any) -> bool:
        """See ``Admission``."""
        del old
        self.names.append(new.metadata.name)
        await self._api.store.create(call.kind.key("default", new.metadata.name), b"")
        return False


class _Admission(AdmitsAll):
    """Marks what is written, notes what it was asked, and refuses the name ``bad``."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def mutate(self, call: Call, old: Any, new: Any) -> bool:
        """See ``Admission``."""
        self.seen.append(f"mutate {call.verb.word} {old is not None}")
        new.metadata.labels["admitted"] = "yes"
        return True

    async def validate(self, call: Call, old: Any, new: Any) -> None:
        """See ``Admission``."""
        self.seen.append(f"validate {call.verb.word} {old is not None} {new is not None}")
        if call.target.name == "bad":
            raise errors.Forbidden("not admitted")


def _create(name: str) -> bytes:
    request = CreateConfigMapRequest()
    request.object.metadata.name = name
    return request.SerializeToString()


async def test_a_call_from_inside_meets_every_stage_as_a_user(api: Api) -> None:
    """It is the server itself unless somebody else is named."""
    users = _Users()
    entrance = Entrance(api, Stages(authorized=users))
    await entrance.answer(SERVICE, "Create", _create("a"))
    await entrance.answer(SERVICE, "Create", _create("b"), user=User(name="jane"))
    assert users.seen == [(SYSTEM.name, "create", "a"), ("jane", "create", "b")]


@pytest.mark.parametrize("method", ["Watch", "Nope"])
async def test_a_method_that_cannot_be_answered_from_inside(api: Api, method: str) -> None:
    """Streams and methods that are none are refused by name."""
    with pytest.raises(errors.MethodNotSupported, match=method):
        await Entrance(api, Stages()).answer(SERVICE, method, b"")


async def test_admission_is_asked_by_every_verb_that_writes(api: Api) -> None:
    """It changes what is stored, sees the old object beside the new one, and can refuse."""
    admission = _Admission()
    entrance = Entrance(replace(api, admission=admission), Stages())
    made = ConfigMap.FromString(await entrance.answer(SERVICE, "Create", _create("a")))
    assert made.metadata.labels["admitted"] == "yes"
    made.data["x"] = "y"
    update = UpdateConfigMapRequest(object=made).SerializeToString()
    await entrance.answer(SERVICE, "Update", update)
    delete = requests_pb2.DeleteRequest(name="a").SerializeToString()
    await entrance.answer(SERVICE, "Delete", delete)
    assert admission.seen == [
        "mutate create False",
        "validate create False True",
        "mutate update True",
        "validate update True True",
        "validate delete True False",
    ]
    with pytest.raises(errors.Forbidden, match="not admitted"):
        await entrance.answer(SERVICE, "Create", _create("bad"))
    get = requests_pb2.GetRequest(name="bad").SerializeToString()
    with pytest.raises(errors.NotFound):
        await entrance.answer(SERVICE, "Get", get)


async def test_a_generated_name_is_given_up_after_eight_that_are_taken(api: Api) -> None:
    """When eight names in turn are taken, it says AlreadyExists and asks to try again."""
    taker = _Taker(api)
    entrance = Entrance(replace(api, admission=taker), Stages())
    request = CreateConfigMapRequest(object=ConfigMap())
    request.object.metadata.generate_name = "job-"
    with pytest.raises(errors.AlreadyExists) as caught:
        await entrance.answer(SERVICE, "Create", request.SerializeToString())
    assert len(set(taker.names)) == 8
    assert caught.value.name == taker.names[-1]
    assert caught.value.retry_after == 1


async def test_other_calls_are_answered_while_a_kind_is_compiled(api: Api) -> None:
    """What the first write of a large kind needs takes many turns."""
    entrance = Entrance(api, Stages())
    await entrance.answer(SERVICE, "Create", _create("a"))
    deployment = api.editions.current.kinds.for_message("protocube.apps.v1.Deployment")
    assert deployment is not None
    assert not deployment.is_prepared
    request: Any = deployment.resource.create_request_class()
    request.object.metadata.name = "web"
    raw = request.SerializeToString()
    first = asyncio.create_task(entrance.answer(deployment.resource.service, "Create", raw))
    # It begins before the other call.
    await asyncio.sleep(0)
    await entrance.answer(SERVICE, "Get", requests_pb2.GetRequest(name="a").SerializeToString())
    assert not first.done()
    with pytest.raises(errors.Invalid):
        await first
    assert deployment.is_prepared
