"""No kind loses anything on its way through YAML and a store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from protocube.catalog import Catalog
from protocube.manifests import encode
from protocube.manifests.decode import decode
from protocube.manifests.report import CLEAN
from protocube.manifests.yaml import values as yaml_values
from protocube_client.printers import yaml_printer
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.registry import Registry
from protocube_server.storage.etcd import EtcdStore
from tests.etcd_process import Etcd, running
from tests.system.random_messages import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

REGISTRY = Registry(Catalog.shipped(), "/registry", FUNCTIONS)
KINDS = [pytest.param(kind, id=kind.resource.message) for kind in REGISTRY]


@pytest.fixture(scope="module")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """Provide an etcd for all kinds."""
    with running(tmp_path_factory.mktemp("etcd")) as process:
        yield process


@pytest.mark.etcd
@pytest.mark.parametrize("kind", KINDS)
def test_a_message_survives_yaml_and_etcd(kind: Any, etcd: Etcd) -> None:
    """YAML -> message -> etcd -> message -> YAML gives the same text, whatever is in it."""
    messages: list[Any] = []

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(strategies.data())
    def survives_yaml(data: Any) -> None:
        message: Any = fill(kind.resource.descriptor, data.draw)
        text = yaml_printer.text(encode.data(message))
        read = type(message)()
        report = decode(yaml_values.load(text) or {}, read)
        assert report == CLEAN, text
        assert read == message, text
        message.metadata.ClearField("resource_version")
        messages.append(message)

    survives_yaml()
    asyncio.run(_survives_store(kind, messages, etcd.endpoint))


async def _survives_store(kind: Any, messages: list[Any], endpoint: str) -> None:
    store = await EtcdStore.open([endpoint])
    try:
        for index, message in enumerate(messages):
            message.api_version, message.kind = kind.resource.api_version, kind.resource.kind
            # Two versions of a kind share their keys, and so do the two groups of Event.
            message.metadata.name = f"n{index}-{kind.resource.message.lower()}"
            key = kind.key("default" if kind.resource.namespaced else "", message.metadata.name)
            written = await store.create(key, kind.encode(message))
            record = await store.get(key)
            assert record is not None
            read = type(message).FromString(kind.answer(record.value, record.mod_revision))
            assert read.metadata.resource_version == str(written.mod_revision)
            read.metadata.ClearField("resource_version")
            if kind.is_stored:
                assert encode.data(read) == encode.data(message)
            # Another version's form may say the same in other words, but says it for good.
            assert kind.encode(kind.parse(record.value)) == record.value
    finally:
        await store.close()
