"""The Python client learns a kind from the server and is typed by its class at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_client import Client

if TYPE_CHECKING:
    from tests.definitions.defining import Definer


async def test_a_kind_of_the_server_is_learned(definer: Definer) -> None:
    """Objects of its class are created, listed and found by its names."""
    await definer.define()
    async with Client(definer.base.address) as client:
        machine_class = await client.kind("example.com/v1", "Machine")
        made = await client.create(machine_class(metadata={"name": "a"}, spec={"size": "large"}))
        assert made.spec.size == "large"
        assert (await client.get(machine_class, "a")) == made
        assert len((await client.list("ma")).items) == 1
        assert (await client.kind("v1", "Pod")).DESCRIPTOR.full_name == "protocube.core.v1.Pod"
        with pytest.raises(errors.NotFound, match='no matches for kind "Nothing"'):
            await client.kind("example.com/v1", "Nothing")
