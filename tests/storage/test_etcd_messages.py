"""etcd's messages, as we carry them."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pool

from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2


@pytest.mark.parametrize("module", [mvcc_pb2, rpc_pb2])
def test_they_leave_the_default_pool_alone(module: object) -> None:
    """Another etcd client in the same process can register the same symbols."""
    descriptor = module.DESCRIPTOR  # type: ignore[attr-defined]  # generated modules have one
    assert descriptor.message_types_by_name
    for message in descriptor.message_types_by_name.values():
        with pytest.raises(KeyError):
            descriptor_pool.Default().FindMessageTypeByName(message.full_name)
