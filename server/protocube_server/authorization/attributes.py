"""What a caller asks for, in the terms of rights."""

from __future__ import annotations

from typing import NamedTuple


class Attributes(NamedTuple):
    """One question: may somebody do this."""

    verb: str
    group: str = ""
    """The API group; empty for the core group."""
    resource: str = ""
    """The plural."""
    subresource: str = ""
    namespace: str = ""
    """Empty for what lies in no namespace, and for all namespaces."""
    name: str = ""
    """Empty for a collection, and for an object that is to be created."""
    path: str = ""
    """Of a method that is for no resource, in place of all but the verb."""

    @property
    def question(self) -> str:
        """What is asked whatever the object and its namespace are, as one text."""
        return f"{self.verb} {self.group}/{self.resource}/{self.subresource}"

    @property
    def full_resource(self) -> str:
        """The plural and the subresource, as rules write them: ``pods/status``."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource
