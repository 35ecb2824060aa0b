"""Adding a kind takes one .proto file and scripts/generate, as CONTRIBUTING.md says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from protocube import errors
from protocube.catalog import IMAGE, Catalog
from protocube.codegen import build
from protocube.meta.v1 import requests_pb2
from protocube_client.connection.connection import Connection
from protocube_server import app
from protocube_server.settings import Settings

ROOT = Path(__file__).parents[2]
MANIFEST = {
    "apiVersion": "fleet.example.com/v1",
    "kind": "Machine",
    "metadata": {"name": "m1"},
    "spec": {},
}


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Provide the catalog of our kinds and of the one that CONTRIBUTING.md shows."""
    root = tmp_path / "protos"
    shutil.copytree(ROOT / "protos", root, ignore=shutil.ignore_patterns("__pycache__"))
    text = re.search(r"```proto\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert text is not None, "CONTRIBUTING.md shows no kind"
    path = root / "protocube" / "fleet" / "v1" / "machine.proto"
    path.parent.mkdir(parents=True)
    path.write_text(text[1])
    build.generate(root)
    return Catalog.from_image((root / "protocube" / IMAGE).read_bytes())


async def test_a_kind_is_one_proto_file(catalog: Catalog, tmp_path: Path) -> None:
    """The kind of the guide is served, defaulted and validated without a line of Python."""
    machines = catalog.for_kind("fleet.example.com/v1", "Machine")
    assert machines is not None
    assert catalog.find("mach") == machines
    request: Any = machines.create_request_class()
    json_format.ParseDict(MANIFEST, request.object)
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path / 'store.db'}")
    async with (
        app.running(settings, catalog) as served,
        Connection(served.address) as connection,
    ):
        await connection.call(f"/{machines.service}/Create", request.SerializeToString())
        got = await connection.call(
            f"/{machines.service}/Get", requests_pb2.GetRequest(name="m1").SerializeToString()
        )
        machine: Any = machines.message_class.FromString(got.body)
        assert machine.spec.cores == 2
        request.object.metadata.name = "m2"
        request.object.spec.cores = 0
        with pytest.raises(errors.Invalid, match=r"spec\.cores: Invalid value: 0"):
            await connection.call(f"/{machines.service}/Create", request.SerializeToString())
