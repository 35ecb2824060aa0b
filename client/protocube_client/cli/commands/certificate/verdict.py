"""What is decided on a CertificateSigningRequest, and how its status says so."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from protocube.errors import quote
from protocube_client.cli.failures import CommandError


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One of the two conditions that a CertificateSigningRequest can get."""

    condition: str
    contrary: str
    """The condition that it must not have."""
    reason: str
    message: str

    @property
    def done(self) -> str:
        """Return what was done: ``approved``."""
        return self.condition.lower()

    def is_given(self, request: Any) -> bool:
        """Tell whether the verdict is there. Raises :class:`CommandError` for the contrary one."""
        types = {condition.type for condition in request.status.conditions}
        if self.contrary in types:
            name = quote(request.metadata.name)
            raise CommandError(f"certificate signing request {name} is already {self.contrary}")
        return self.condition in types

    def give(self, request: Any) -> None:
        """Add the condition unless it is there. Raises :class:`CommandError`."""
        if self.is_given(request):
            return
        added = request.status.conditions.add()
        added.type = self.condition
        added.status = "True"
        added.reason = self.reason
        added.message = self.message
        added.last_update_time.seconds = int(time.time())
        added.last_transition_time.CopyFrom(added.last_update_time)
