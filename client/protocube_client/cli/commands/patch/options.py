"""What ``cubectl patch`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun

if TYPE_CHECKING:
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.options import PatchType

TYPES = ("json", "merge", "strategic")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchOptions:
    """What to change, and how."""

    arguments: tuple[str, ...]
    files: Files
    patch: str
    patch_file: str
    type: str
    subresource: str
    local: bool
    dry_run: DryRun
    field_manager: str
    format: Format

    @property
    def computed_here(self) -> bool:
        """The patch is carried out here and nothing is sent to change an object."""
        return self.local or self.dry_run is DryRun.CLIENT

    @property
    def form(self) -> PatchType:
        """How the patch is read."""
        return cast("PatchType", self.type.lower() or "strategic")

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if self.patch and self.patch_file:
            raise CommandError("cannot specify --patch and --patch-file together")
        if not self.patch and not self.patch_file:
            raise CommandError(
                "must specify --patch or --patch-file containing the contents of the patch"
            )
        if self.local and self.arguments:
            raise CommandError("cannot specify --local and server resources")
        if self.local and self.dry_run is DryRun.SERVER:
            raise CommandError(
                "cannot specify --local and --dry-run=server - did you mean --dry-run=client?"
            )
        if self.form not in TYPES:
            raise CommandError(f"--type must be one of [{' '.join(TYPES)}], not {quote(self.type)}")

    def text(self) -> str:
        """Return the patch as JSON text. Raises :class:`CommandError`.

        What begins as a JSON object is left as it is, for the server to read.
        """
        text = self._given()
        if text.lstrip().startswith("{"):
            return text
        from protocube.manifests import json_text
        from protocube.manifests.manifest_error import ManifestError
        from protocube.manifests.yaml import values as yaml_values

        try:
            return json_text.compact(yaml_values.load(text))
        except ManifestError as error:
            raise CommandError(f"unable to parse {quote(self.patch)}: {error}") from None

    def _given(self) -> str:
        if not self.patch_file:
            return self.patch
        from protocube_client.resource.go import os as go_os

        try:
            return Path(self.patch_file).read_bytes().decode("utf-8", "replace")
        except OSError as error:
            told = go_os.describe(error, "open", path=self.patch_file)
            raise CommandError(f"unable to read patch file: {told}") from None
