"""What is in a request is counted before it is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import turns
from protocube_server.kinds import encoded, varints

if TYPE_CHECKING:
    from collections.abc import Callable


def _message(word: str) -> Any:
    resource = Catalog.shipped().find(word)
    assert resource is not None
    return resource.message_class()


def _containers(count: int) -> Any:
    """Return a Pod: its spec is one of the messages."""
    pod = _message("pods")
    for _ in range(count - 1):
        pod.spec.containers.add()
    return pod


def _data(count: int) -> Any:
    config = _message("configmaps")
    for index in range(count):
        config.data[f"k{index}"] = "v"
    return config


def _texts(count: int) -> Any:
    config = _message("configmaps")
    config.metadata.finalizers.extend("f" for _ in range(count - 1))
    return config


def _numbers(count: int) -> Any:
    """Return a Pod with packed numbers of one and of two bytes, in two messages."""
    pod = _message("pods")
    groups = pod.spec.security_context.supplemental_groups
    groups.extend(index % 300 for index in range(count - 2))
    return pod


@pytest.mark.parametrize("make", [_containers, _data, _texts, _numbers])
def test_one_more_than_the_bound_is_refused(make: Callable[[int], Any]) -> None:
    """Messages count, and the elements of lists and maps, of texts and of numbers."""
    message = make(encoded.MOST)
    turns.at_once(encoded.bounded(type(message), message.SerializeToString()))
    message = make(encoded.MOST + 1)
    with pytest.raises(errors.TooLarge, match="more than 50000 elements and messages in all"):
        turns.at_once(encoded.bounded(type(message), message.SerializeToString()))


def test_what_is_not_known_hides_nothing() -> None:
    """Unknown fields and groups are passed over, and what follows them counts."""
    raw = _containers(encoded.MOST + 1).SerializeToString()
    inside = varints.encode(4 << 3 | 2) + b"\x00"
    group = varints.encode(1000 << 3 | 3) + inside + varints.encode(1000 << 3 | 4)
    with pytest.raises(errors.TooLarge):
        turns.at_once(encoded.bounded(type(_message("pods")), group + b"\xf8\x3f\x01" + raw))
    many = group * (encoded.MOST + 1)
    turns.at_once(encoded.bounded(type(_message("pods")), many))


@pytest.mark.parametrize("tail", [b"\xff", b"\x22\xff\x7f", b"\x0f"])
def test_what_cannot_be_parsed_is_left_to_the_parser(tail: bytes) -> None:
    """It says what is wrong."""
    raw = _containers(encoded.MOST).SerializeToString() + tail
    turns.at_once(encoded.bounded(type(_message("pods")), raw))


def test_others_have_their_turn_while_it_is_counted() -> None:
    """After each few hundred fields, also when none of them counts."""
    unknown = b"\xf8\x3f\x01" * 100_000
    marks = sum(1 for _ in encoded.bounded(type(_message("pods")), unknown))
    assert marks >= 100
