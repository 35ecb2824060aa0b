"""The rules that the contract itself holds, asked of an object or of a part of one."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import protovalidate

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

    from protocube import errors


class Contract:
    """The rules of the messages of one descriptor pool.

    A validator compiles the rules of a message type at its first use and keeps them by the
    type's *name*. A kind that is replaced comes in a pool of its own, so with one validator a
    pool it is checked by its own rules at once.
    """

    @functools.cached_property
    def _validator(self) -> protovalidate.Validator:
        return protovalidate.Validator()

    def prepare(self, message_class: type[Message]) -> None:
        """Compile the rules of a type now. Raises when one of them does not compile."""
        self._validator.collect_violations(message_class())

    def faults(self, message: Message, path: str = "") -> Iterator[errors.Violation]:
        """Return what is wrong with ``message``, a part of an object at ``path`` or all of one."""
        for violation in self._validator.collect_violations(message):
            for found in violations.translate(message, violation):
                yield _below(path, found) if path else found


def _below(path: str, found: errors.Violation) -> errors.Violation:
    is_all = found.field == violations.WHOLE
    return dataclasses.replace(found, field=path if is_all else f"{path}.{found.field}")
