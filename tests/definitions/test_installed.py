"""Kinds that a server is started with."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pb2

from protocube_server import app
from tests import machines
from tests.definitions.defining import Definer

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_server.settings import Settings


def _image(path: Path, *files: descriptor_pb2.FileDescriptorProto) -> Path:
    path.write_bytes(descriptor_pb2.FileDescriptorSet(file=files).SerializeToString())
    return path


async def test_descriptor_sets_are_served_from_the_start(
    settings: Settings, tmp_path: Path
) -> None:
    """Their kinds are as any other: filled in, checked, and not to be defined again."""
    chosen = dataclasses.replace(settings, kinds=(_image(tmp_path / "m.binpb", machines.file()),))
    async with app.running(chosen) as running, Definer(running.address) as definer:
        caller = await definer.knowing()
        assert (await caller.create(caller.make("machines", "a"))).spec.size == "small"
        with pytest.raises(Exception, match="already in use"):
            await definer.define()


async def test_what_cannot_be_served_ends_the_start(settings: Settings, tmp_path: Path) -> None:
    """All that is wrong is told, by file."""
    wrong = machines.file(('name: "kind" number: 2', 'name: "kind" number: 9'))
    kinds = (
        _image(tmp_path / "wrong.binpb", wrong),
        _image(tmp_path / "empty.binpb"),
        tmp_path / "none.binpb",
    )
    with pytest.raises(ValueError, match="cannot be served") as caught:
        async with app.running(dataclasses.replace(settings, kinds=kinds)):
            pass
    told = str(caught.value)
    assert "wrong.binpb: example/v1/machine.proto: example.v1.Machine.kind" in told
    assert "empty.binpb: no message has the option" in told
    assert "none.binpb: No such file" in told
