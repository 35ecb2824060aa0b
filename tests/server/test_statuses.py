"""Statuses fit into what clients take in trailers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest
from google.rpc import status_pb2

from protocube import errors
from protocube_server.calls import status_room
from protocube_server.edge import statuses
from tests.server.caller import DETAILS, Caller, rebuilt

if TYPE_CHECKING:
    from tests.server.conftest import Serve

STOCK = 7 * 1024


def many(count: int, message: str = 'Invalid value: "x": is wrong') -> errors.Invalid:
    """Return an error with ``count`` violations."""
    return errors.invalid(
        "Pod",
        "a",
        [
            errors.Violation(field=f"spec.f{index}", reason="FieldValueInvalid", message=message)
            for index in range(count)
        ],
    )


def wire_size(status: status_pb2.Status) -> int:
    """Return the bytes of a status in trailers: the message escaped, the whole in base64."""
    escaped = sum(
        1 if 0x20 <= byte < 0x7F and byte != ord("%") else 3 for byte in status.message.encode()
    )
    size: int = status.ByteSize()
    return escaped + (size + 2) // 3 * 4


def test_a_small_status_is_left_as_it_is() -> None:
    """Nothing is cut that fits."""
    status = errors.to_status(many(3))
    assert status_room.fit(status, STOCK) is status


@pytest.mark.parametrize("count", range(1, 7))
def test_what_just_fits_is_left_as_it_is(count: int) -> None:
    """Beside 256 bytes for the rest of the trailers."""
    status = errors.to_status(many(count, "5 % of é"))
    room = wire_size(status) + 256
    assert status_room.fit(status, room) is status
    assert status_room.fit(status, room - 1) is not status


def test_metadata_is_counted_as_http2_does() -> None:
    """Each entry takes 32 bytes beside its key and its value (RFC 9113, 6.5.2)."""
    assert statuses.metadata_size([]) == 0
    assert statuses.metadata_size([("a", "bc"), ("d-bin", b"efg")]) == 3 + 32 + 8 + 32


@pytest.mark.parametrize("count", [30, 100, 1000, 20_000])
@pytest.mark.parametrize("room", [STOCK, 64 * 1024])
def test_a_large_status_is_cut_to_the_room(count: int, room: int) -> None:
    """The first violations stay, whole, and the sentence counts those left out."""
    whole = many(count)
    status = errors.to_status(whole)
    fitted = status_room.fit(status, room)
    assert wire_size(fitted) <= room
    rebuilt_error = errors.from_status(fitted)
    assert type(rebuilt_error) is errors.Invalid
    kept = rebuilt_error.violations
    assert kept == whole.violations[: len(kept)]
    if fitted is not status:
        assert len(kept) > 10
        assert rebuilt_error.message.endswith(f" ... and {count - len(kept)} more violations")


def test_a_status_of_any_text_fits() -> None:
    """Long names, sentences and single violations, of characters that are escaped, are cut."""
    error = errors.invalid(
        "Pod",
        "n" * 100_000,
        [errors.Violation(field="f", reason="FieldValueInvalid", message="ü%\n" * 100_000)],
    )
    fitted = status_room.fit(errors.to_status(error), STOCK)
    assert wire_size(fitted) <= STOCK
    assert type(errors.from_status(fitted)) is errors.Invalid


def test_cutting_takes_a_moment_only() -> None:
    """A request full of faults does not stop the event loop."""
    status = errors.to_status(many(50_000))
    begin = time.process_time()
    status_room.fit(status, STOCK)
    assert time.process_time() - begin < 0.5


def _wrong(api: Caller, count: int) -> bytes:
    """Return a create that breaks ``count`` rules."""
    containers = [{"name": f"Bad_{index}", "image": "x"} for index in range(count)]
    request: Any = api.resource("pods").create_request_class()
    request.object.CopyFrom(api.make("pods", "a", spec={"containers": containers}))
    return bytes(request.SerializeToString())


async def test_a_stock_client_gets_what_fits(api: Caller) -> None:
    """A client with gRPC's own limit of 8 KiB receives the error, cut, and not a refusal."""
    with pytest.raises(errors.Invalid) as caught:
        await api.send("/protocube.core.v1.Pods/Create", _wrong(api, 300))
    assert 0 < len(caught.value.violations) < 300
    assert "more violations" in caught.value.message


async def test_a_client_that_has_room_gets_everything(serve: Serve) -> None:
    """With ``protocube-max-trailers`` and a channel to match, all violations arrive."""
    async with serve() as api:
        room = 256 * 1024
        options = [("grpc.max_metadata_size", room), ("grpc.absolute_max_metadata_size", room)]
        async with Caller(api.address, api.catalog, options) as roomy:
            metadata = [(statuses.ROOM_KEY, str(room))]
            request = _wrong(api, 100)
            with pytest.raises(errors.Invalid) as caught:
                await roomy.send("/protocube.core.v1.Pods/Create", request, metadata=metadata)
            assert len(caught.value.violations) == 100


async def test_the_details_are_a_google_rpc_status(api: Caller) -> None:
    """Any gRPC client finds the standard status with the same code and text as the call's."""
    call = api.channel.unary_unary("/protocube.core.v1.Pods/Get", None, None)(b"\n\x01a")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    error = caught.value
    (value,) = (value for key, value in error.trailing_metadata() or () if key == DETAILS)
    status = status_pb2.Status.FromString(value)
    assert (status.code, status.message) == (error.code().value[0], error.details())
    assert isinstance(rebuilt(error), errors.NotFound)
