"""Create: the order of Kubernetes' create, and what each step refuses."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.calls.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.server.caller import Caller
    from tests.server.conftest import Serve


async def test_fills_in_what_the_server_owns(api: Caller) -> None:
    """The answer names its type and carries uid, time, generation and version of the server."""
    before = int(datetime.now(UTC).timestamp())
    made = await api.create(api.make("pods", "a", spec=_SPEC))
    after = int(datetime.now(UTC).timestamp())
    assert (made.api_version, made.kind) == ("v1", "Pod")
    assert uuid.UUID(made.metadata.uid).version == 4
    assert before <= made.metadata.creation_timestamp.seconds <= after
    assert made.metadata.creation_timestamp.nanos == 0
    assert made.metadata.generation == 1
    assert int(made.metadata.resource_version) > 0


async def test_a_kind_without_a_spec_has_no_generation(api: Caller) -> None:
    """Generation counts changes of a spec; a ConfigMap has none."""
    assert (await api.create(api.make("cm", "a"))).metadata.generation == 0


async def test_wipes_what_the_server_owns(api: Caller) -> None:
    """System fields and status that a client sends are dropped without a word, as in Kubernetes."""
    sent = api.make(
        "pods",
        metadata={
            "name": "a",
            "uid": "mine",
            "generation": 7,
            "selfLink": "/x",
            "creationTimestamp": "2001-01-01T00:00:00Z",
            "deletionTimestamp": "2001-01-01T00:00:00Z",
            "deletionGracePeriodSeconds": 5,
            "managedFields": [{"manager": "me"}],
        },
        spec=_SPEC,
        status={"phase": "Running", "message": "I am fine"},
    )
    made = await api.create(sent)
    metadata = made.metadata
    assert metadata.uid != "mine"
    assert metadata.generation == 1
    assert metadata.creation_timestamp.ToDatetime().year > 2001
    assert not metadata.HasField("deletion_timestamp")
    assert not metadata.HasField("deletion_grace_period_seconds")
    assert not metadata.managed_fields
    assert not metadata.self_link
    assert (made.status.phase, made.status.message) == ("Pending", "")


async def test_refuses_a_resource_version(api: Caller) -> None:
    """A version says that the object was read somewhere: it cannot be new."""
    with pytest.raises(errors.BadRequest, match=r"^resourceVersion should not be set on objects"):
        await api.create(api.make("cm", metadata={"name": "a", "resourceVersion": "5"}))


async def test_refuses_an_object_of_another_type(api: Caller) -> None:
    """What the object says it is must be what the service is for."""
    with pytest.raises(errors.BadRequest, match="does not match the expected kind"):
        await api.create(api.make("cm", "a", kind="Secret"))
    with pytest.raises(errors.BadRequest, match="does not match the expected API version"):
        await api.create(api.make("cm", "a", apiVersion="apps/v1"))


async def test_refuses_bytes_that_are_no_request(api: Caller) -> None:
    """Damaged bytes are the caller's fault and not an internal error."""
    with pytest.raises(errors.BadRequest, match="CreateConfigMapRequest"):
        await api.send("/protocube.core.v1.ConfigMaps/Create", b"\x0a\xff\xff")


class TestGenerateName:
    """The server completes a prefix to a name."""

    async def test_adds_five_characters(self, api: Caller) -> None:
        """The name is the prefix and five characters without vowels."""
        made = await api.create(api.make("cm", metadata={"generateName": "job-"}))
        assert re.fullmatch(r"job-[bcdfghjklmnpqrstvwxz2456789]{5}", made.metadata.name)
        assert made.metadata.generate_name == "job-"
        assert await api.get("cm", made.metadata.name) == made

    async def test_gives_way_to_a_name(self, api: Caller) -> None:
        """A name that is given is kept."""
        made = await api.create(api.make("cm", metadata={"name": "a", "generateName": "job-"}))
        assert made.metadata.name == "a"

    async def test_cuts_a_long_prefix(self, api: Caller) -> None:
        """Prefix and suffix fit into 63 characters."""
        made = await api.create(api.make("cm", metadata={"generateName": "x" * 70}))
        assert len(made.metadata.name) == 63


class TestUnknownFields:
    """What the server does not know is not lost in silence, unless asked for."""

    async def test_are_refused_by_default(self, api: Caller) -> None:
        """Every unknown field is named by its path and number, nested ones and those in lists."""
        with pytest.raises(errors.BadRequest) as caught:
            await api.send(*_request(api))
        assert caught.value.message == (
            'Pod in version "v1" cannot be handled as a Pod: strict decoding error: '
            'unknown field "#99", unknown field "metadata.#98", '
            'unknown field "spec.containers[0].#97"'
        )
        with pytest.raises(errors.NotFound):
            await api.get("pods", "a")

    async def test_can_be_warned_of(self, api: Caller) -> None:
        """With WARN the object is created without them, and each is a ``warning`` trailer."""
        reply = await api.send(*_request(api, mode=requests_pb2.FIELD_VALIDATION_WARN))
        assert reply.warnings == (
            'unknown field "#99"',
            'unknown field "metadata.#98"',
            'unknown field "spec.containers[0].#97"',
        )
        made = api.resource("pods").message_class.FromString(reply.body)
        assert made == await api.get("pods", "a")
        stored = made.SerializeToString()
        made.DiscardUnknownFields()
        assert made.SerializeToString() == stored

    async def test_can_be_ignored(self, api: Caller) -> None:
        """With IGNORE nothing is said."""
        sent = _request(api, mode=requests_pb2.FIELD_VALIDATION_IGNORE)
        assert (await api.send(*sent)).warnings == ()

    async def test_of_the_request_are_found_too(self, api: Caller) -> None:
        """An option of the call that the server does not know is not carried out in silence."""
        method, request = _request(api)
        with pytest.raises(errors.BadRequest, match='unknown field "#77", unknown field "#99"'):
            await api.send(method, request + _unknown(77))

    async def test_in_great_number_do_not_break_the_answer(self, api: Caller) -> None:
        """Warnings stay below what clients take in trailers; the last one counts the others."""
        warn = requests_pb2.FIELD_VALIDATION_WARN
        reply = await api.send(*_request(api, numbers=range(1000, 2998), mode=warn))
        assert 50 < len(reply.warnings) < 2000
        left = 2000 - len(reply.warnings) + 1
        assert reply.warnings[-1] == f"... and {left} more warnings"

    @pytest.mark.parametrize(("long", "last"), [(58, "unknown"), (59, "... and 1 more warnings")])
    async def test_that_just_fit_are_all_told(self, api: Caller, long: int, last: str) -> None:
        """With 58 numbers of four digits and 8 of three they have 4,096 bytes, as HTTP/2 counts."""
        numbers = (*range(100, 166 - long), *range(1000, 1000 + long))
        warn = requests_pb2.FIELD_VALIDATION_WARN
        reply = await api.send(*_request(api, numbers=numbers, mode=warn))
        assert len(reply.warnings) == 68
        assert reply.warnings[-1].startswith(last)


class TestValidation:
    """Everything that is wrong is said at once."""

    async def test_names_all_violations(self, api: Caller) -> None:
        """The error lists every fault with its path, and the sentence repeats them."""
        wrong = api.make(
            "pods",
            metadata={"name": "Bad_Name", "labels": {"ok": "-"}},
            spec={"containers": [{"image": "x"}]},
        )
        with pytest.raises(errors.Invalid) as caught:
            await api.create(wrong)
        error = caught.value
        found = {violation.field: violation for violation in error.violations}
        assert set(found) == {"metadata.name", "metadata.labels", "spec.containers[0].name"}
        assert found["spec.containers[0].name"].reason == "FieldValueRequired"
        assert found["spec.containers[0].name"].message == "Required value"
        assert found["metadata.name"].reason == "FieldValueInvalid"
        assert found["metadata.name"].message.startswith(
            'Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of'
        )
        assert found["metadata.labels"].message.startswith('Invalid value: "-": a valid label must')
        assert error.message.startswith('Pod "Bad_Name" is invalid: [')
        assert all(str(violation) in error.message for violation in error.violations)
        assert (error.resource, error.name) == ("Pod", "Bad_Name")

    async def test_of_one_fault_has_no_brackets(self, api: Caller) -> None:
        """One violation reads as kubectl prints it."""
        with pytest.raises(errors.Invalid) as caught:
            await api.create(api.make("pods", "a", spec={}))
        assert caught.value.message == 'Pod "a" is invalid: spec.containers: Required value'

    async def test_asks_for_a_name(self, api: Caller) -> None:
        """An object needs a name or a prefix for one."""
        with pytest.raises(errors.Invalid) as caught:
            await api.create(api.make("cm"))
        assert caught.value.message == (
            'ConfigMap "" is invalid: metadata.name: Required value: '
            "name or generateName is required"
        )

    async def test_sees_defaults(self, api: Caller) -> None:
        """Defaults are filled in before rules are checked, and are in the answer."""
        made = await api.create(api.make("pods", "a", spec=_SPEC))
        assert made.spec.restart_policy == "Always"
        assert made.spec.containers[0].image_pull_policy == "Always"
        assert made.status.qos_class == "BestEffort"


class TestRepeated:
    """The same name, the same request, and both at once."""

    async def test_name_already_exists(self, api: Caller) -> None:
        """A name is taken once."""
        await api.create(api.make("cm", "a"))
        with pytest.raises(errors.AlreadyExists, match=r'^configmaps "a" already exists$'):
            await api.create(api.make("cm", "a"))

    async def test_name_of_a_going_object_says_so(self, api: Caller) -> None:
        """The caller learns that waiting may help."""
        await api.create(api.make("cm", metadata={"name": "a", "finalizers": ["example.com/x"]}))
        await api.delete("cm", "a")
        with pytest.raises(errors.AlreadyExists) as caught:
            await api.create(api.make("cm", "a"))
        assert caught.value.message == ('object is being deleted: configmaps "a" already exists')

    async def test_name_at_once_is_taken_once(self, api: Caller) -> None:
        """Of 200 concurrent creates of one name exactly one succeeds, and it is the one stored."""
        wanted = [api.make("cm", "a", data={"who": str(number)}) for number in range(200)]
        results = await asyncio.gather(*map(api.create, wanted), return_exceptions=True)
        made = [item for item in results if not isinstance(item, BaseException)]
        failed = [item for item in results if isinstance(item, errors.AlreadyExists)]
        assert (len(made), len(failed)) == (1, 199)
        assert await api.get("cm", "a") == made[0]


class TestDryRun:
    """Everything is checked and nothing is changed."""

    async def test_stores_nothing(self, api: Caller) -> None:
        """The answer is what would be stored, without a version."""
        made = await api.create(api.make("pods", "a", spec=_SPEC), dry_run=True)
        assert made.metadata.uid
        assert made.spec.restart_policy == "Always"
        assert made.metadata.resource_version == ""
        with pytest.raises(errors.NotFound):
            await api.get("pods", "a")

    async def test_finds_what_would_fail(self, api: Caller) -> None:
        """A taken name and a wrong object fail as they would without it."""
        await api.create(api.make("cm", "a"))
        with pytest.raises(errors.AlreadyExists):
            await api.create(api.make("cm", "a"), dry_run=True)
        with pytest.raises(errors.Invalid):
            await api.create(api.make("cm", "A"), dry_run=True)


class TestSize:
    """Limits are named by those who refuse."""

    async def test_of_a_request(self, api: Caller) -> None:
        """A request above 3 MiB is refused with Kubernetes' words."""
        sent = api.make("cm", "a", binaryData={"k": "AAAA" * 1024 * 1024})
        with pytest.raises(errors.TooLarge, match=r"^Request entity too large: limit is 3145728$"):
            await api.create(sent)

    async def test_of_a_request_that_grpc_refuses(self, api: Caller) -> None:
        """What gRPC itself refuses is the same kind of error."""
        with pytest.raises(errors.TooLarge, match="larger than max"):
            await api.send("/protocube.core.v1.ConfigMaps/Create", bytes(13 * 1024 * 1024))

    async def test_of_an_object(self, serve: Serve) -> None:
        """An object that no store would take is refused by name, with both sizes."""
        async with serve(limits=Limits(value=10_000)) as api:
            with pytest.raises(errors.TooLarge) as caught:
                await api.create(api.make("cm", "a", data={"k": "x" * 10_000}))
            assert "the limit is 10000" in caught.value.message
            assert (caught.value.resource, caught.value.name) == ("configmaps", "a")

    async def test_just_below_the_limit_is_stored(self, api: Caller) -> None:
        """A 1.4 MB object passes every limit on its way in and back."""
        values = {f"k{n}": "x" * 262_000 for n in range(3)}
        made = await api.create(
            api.make("cm", metadata={"name": "a", "annotations": {"a": "y" * 262_000}}, data=values)
        )
        assert await api.get("cm", "a") == made


_SPEC = {"containers": [{"name": "c", "image": "nginx"}]}


def _request(api: Caller, *, numbers: Iterable[int] = (99,), mode: int = 0) -> tuple[str, bytes]:
    """Return a create of a pod with unknown fields: some of its own, and two further down."""
    pod = api.make("pods", "a", spec=_SPEC)
    for number in numbers:
        pod.MergeFromString(_unknown(number))
    pod.metadata.MergeFromString(_unknown(98))
    pod.spec.containers[0].MergeFromString(_unknown(97))
    resource = api.resource("pods")
    request: Any = resource.create_request_class(field_validation=mode)
    request.object.CopyFrom(pod)
    return f"/{resource.service}/Create", request.SerializeToString()


def _unknown(number: int) -> bytes:
    """Return a field that holds one character."""
    tag = number << 3 | 2
    return bytes((tag & 0x7F | 0x80, tag >> 7 & 0x7F | 0x80, tag >> 14)) + b"\x01?"


async def test_a_status_is_kept_where_the_kind_says_so(api: Caller) -> None:
    """A node tells what it has as it comes; of other kinds a status is what others write."""
    status = {"phase": "Running", "capacity": {"cpu": "4"}}
    node = await api.create(api.make("nodes", "a", status=status))
    assert (node.status.phase, node.status.capacity["cpu"]) == ("Running", "4")
    labels = {"app": "a"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    spec = {"selector": {"matchLabels": labels}, "template": template}
    made = await api.create(api.make("deployments", "a", spec=spec, status={"replicas": 3}))
    assert not made.status.replicas
