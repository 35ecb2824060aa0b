"""The objects that are written: a ConfigMap that is stored in 600 bytes, and a plain Pod."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.pod_pb2 import Pod

if TYPE_CHECKING:
    from google.protobuf.message import Message

NAME = "name-name-name-name-name"
"""What the load generator puts names in the place of; as long as they are."""
_STORED = 600
_STAMPED = 46
"""Bytes that the server adds: uid and creation time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A service, and an object of its kind as the load generator takes it."""

    name: str
    service: str
    message: str
    object: str


def _encoded(message: Message) -> str:
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


def _config_map() -> ConfigMap:
    made = ConfigMap(api_version="v1", kind="ConfigMap", data={"text": ""})
    made.metadata.name = NAME
    made.metadata.namespace = "default"
    # Three lengths take a second byte once the text is there.
    made.data["text"] = "x" * (_STORED - _STAMPED - made.ByteSize() - 2)
    return made


def _pod() -> Pod:
    made = Pod(api_version="v1", kind="Pod")
    made.metadata.name = NAME
    made.metadata.namespace = "default"
    made.metadata.labels["app"] = "web"
    container = made.spec.containers.add(name="main", image="registry.k8s.io/pause:3.10")
    container.env.add(name="MODE", value="test")
    return made


CONFIG_MAP = Kind(
    name="configmap",
    service="protocube.core.v1.ConfigMaps",
    message="protocube.core.v1.ConfigMap",
    object=_encoded(_config_map()),
)
POD = Kind(
    name="pod",
    service="protocube.core.v1.Pods",
    message="protocube.core.v1.Pod",
    object=_encoded(_pod()),
)
