"""Client-side apply to an object that is there: one strategic merge patch from three sides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import encode, json_text
from protocube.manifests.manifest_error import ManifestError
from protocube.patching import three_way
from protocube_client.cli import last_applied
from protocube_client.resource.helper import Written

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube_client.resource.helper import Helper
    from protocube_client.resource.info import Info

_RETRIES = 5
_WAIT_SECONDS = 1.0
"""The wait before each attempt but the first two, as in kubectl."""


class Patching:
    """One object that gets what its configuration says."""

    def __init__(
        self, info: Info, helper: Helper, modified: dict[str, Any], *, overwrite: bool = True
    ) -> None:
        """Take ``modified`` as what the object is to say.

        It is the manifest with or without its annotation, and otherwise as it was given.
        Without ``overwrite``, what others have changed since the last apply is not changed.
        """
        self.text = ""
        """The patch that was made last, as JSON; nothing when none was needed."""
        self._info = info
        self._helper = helper
        self._modified = modified
        self._overwrite = overwrite

    def compute(self, live: Message) -> dict[str, Any]:
        """Return the patch for an object as it is now. Raises :class:`ManifestError`."""
        current = encode.shown(live)
        original = last_applied.of(live) or ""
        self.text = ""
        try:
            patch = three_way.patch(
                self._last(original),
                self._modified,
                current,
                self._info.mapping.message_class,
                overwrite=self._overwrite,
            )
        except errors.ApiError as error:
            raise self._not_made(original, current, error.message) from None
        except three_way.ChangedByOthers as error:
            raise self._not_made(original, current, _conflict(error)) from None
        self.text = json_text.compact(patch) if patch else ""
        return patch

    def _last(self, original: str) -> dict[str, Any]:
        """Return the configuration that was applied last. Raises ``errors.BadRequest``."""
        if not original:
            return {}
        annotations = (self._modified.get("metadata") or {}).get("annotations") or {}
        if original == annotations.get(last_applied.ANNOTATION):
            # It says the same, and need not be read.
            return self._modified
        return last_applied.parsed(original)

    async def patch(self, live: Message) -> Written:
        """Bring an object that was read as ``live`` to its configuration.

        It is read and patched anew when it was changed meanwhile; not when the configuration
        names a version. Raises the exceptions of :mod:`protocube.errors` and
        :class:`ManifestError`.
        """
        for attempt in range(_RETRIES + 1):
            patch = self.compute(live)
            if not patch:
                return Written(object=live, warnings=())
            try:
                return await self._send()
            except errors.Conflict:
                if attempt == _RETRIES or patch.get("metadata", {}).get("resourceVersion"):
                    raise
            if attempt:
                await asyncio.sleep(_WAIT_SECONDS)
            live = await self._helper.get(self._info.name, namespace=self._info.namespace)
        raise AssertionError("the last attempt returns or raises")

    async def patch_as_read(self, live: Message) -> Written:
        """As :meth:`patch`, but an object that was changed meanwhile is ``errors.Conflict``."""
        patch = self.compute(live)
        if not patch:
            return Written(object=live, warnings=())
        typed: Any = live
        version = {"resourceVersion": typed.metadata.resource_version}
        patch = {**patch, "metadata": {**patch.get("metadata", {}), **version}}
        self.text = json_text.compact(patch)
        return await self._send()

    async def _send(self) -> Written:
        info = self._info
        return await self._helper.patch(
            info.name, self.text, namespace=info.namespace, form="strategic"
        )

    def _not_made(self, original: str, current: dict[str, Any], why: str) -> ManifestError:
        modified = json_text.compact(self._modified)
        return ManifestError(
            f"creating patch with:\noriginal:\n{original}\nmodified:\n{modified}\n\n"
            f"current:\n{json_text.compact(current)}\n\nfor:: {why}"
        )


def _conflict(error: three_way.ChangedByOthers) -> str:
    from protocube_client.printers import yaml_printer

    return (
        f"patch:\n{yaml_printer.text(error.patch)}\nconflicts with changes made from original "
        f"to current:\n{yaml_printer.text(error.changes)}\n"
    )
