"""The names that a kind gives its service, its messages and its file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube.api.v1 import resource_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that belong to a kind; ``kind`` is the message's own name."""

    kind: str
    service: str

    @classmethod
    def of(cls, message: str, resource: resource_pb2.Resource) -> Names:
        """Return the names of a resource whose message is called ``message``."""
        return cls(kind=message, service=resource.service or f"{message}s")

    @property
    def one(self) -> str:
        """The kind with its article: ``a Pod``, ``an Ingress``."""
        return f"{'an' if self.kind[0] in 'AEIOU' else 'a'} {self.kind}"

    @property
    def list(self) -> str:
        """What List answers: ``PodList``."""
        return f"{self.kind}List"

    @property
    def create_request(self) -> str:
        """What Create takes: ``CreatePodRequest``."""
        return f"Create{self.kind}Request"

    @property
    def update_request(self) -> str:
        """What Update and UpdateStatus take: ``UpdatePodRequest``."""
        return f"Update{self.kind}Request"

    @property
    def patch_request(self) -> str:
        """What Patch takes: ``PatchPodRequest``."""
        return f"Patch{self.kind}Request"

    @property
    def apply_request(self) -> str:
        """What Apply takes: ``ApplyPodRequest``."""
        return f"Apply{self.kind}Request"

    @property
    def event(self) -> str:
        """One event of a watch: ``PodEvent``."""
        return f"{self.kind}Event"

    @property
    def watch_response(self) -> str:
        """What Watch streams: ``PodWatchResponse``."""
        return f"{self.kind}WatchResponse"

    @property
    def file_stem(self) -> str:
        """The service file's name without its folder and ending: ``pod_service``."""
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.kind)
        return f"{snake.lower()}_service"
