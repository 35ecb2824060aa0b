"""Editing again and again, until what was saved can be taken or nothing was changed."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from protocube.errors import quote
from protocube.manifests.manifest_error import ManifestError
from protocube_client.cli.editing import texts
from protocube_client.cli.editing.texts import Reason
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.resource import schema
from protocube_client.resource.aggregate import Aggregate
from protocube_client.resource.validation import Validation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.editing.editor import Editor
    from protocube_client.cli.streams import Streams

_TEMPORARY = "/tmp"  # noqa: S108  # the file is made exclusively, for its owner alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the objects that were saved; those that were taken have been told of."""

    invalid: tuple[Reason, ...] = ()
    """What is to be edited again."""
    missing: bool = False
    """An object is not there any more."""
    refused: bool = False
    """An object was refused for another reason than what was edited."""


class Work(Protocol):
    """What is done with an edited text."""

    header: str
    """What the person reads on top of the text, as comments."""
    name: str
    """The first object, ``pods "web"``, for faults of the whole text."""

    def text(self) -> str:
        """Return the text to begin with."""
        ...

    async def submit(self, edited: Sequence[dict[str, Any]]) -> Outcome:
        """Take the objects as they were saved, and tell of each.

        Raises what ends the editing.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a text is written."""

    extension: str
    """``.yaml`` or ``.json``, in which there are no comments."""
    windows: bool = False
    """Lines end in CR and LF."""


async def run(
    work: Work, *, editor: Editor, form: Form, validation: Validation, streams: Streams
) -> None:
    """Let a person edit the text of ``work`` and submit what was saved, until it is taken.

    What cannot be taken stays in a file that is named. Raises what :meth:`Work.submit` raises,
    :class:`CommandError`, and an empty :class:`UsageError` when everything was told.
    """
    await _Loop(work, editor=editor, form=form, validation=validation, streams=streams).run()


class _Loop:
    def __init__(
        self,
        work: Work,
        *,
        editor: Editor,
        form: Form,
        validation: Validation,
        streams: Streams,
    ) -> None:
        self._original = self._text = work.text()
        self._work = work
        self._editor = editor
        self._form = form
        self._validation = validation
        self._streams = streams
        self._reasons: tuple[Reason, ...] = ()
        self._path = ""
        """The file that has what was saved last."""
        self._saved = ""

    async def run(self) -> None:
        try:
            while not await self._round():
                pass
        except BaseException:
            # An interrupt, too, leaves the file.
            self._tell_of_file()
            raise

    def _tell_of_file(self) -> None:
        if self._path and Path(self._path).exists():
            self._tell(f"A copy of your changes has been stored to {quote(self._path)}")

    async def _round(self) -> bool:
        """Edit once, and tell whether it is over."""
        before = self._saved
        self._edit()
        if self._reasons and await texts.same(before, self._saved):
            raise CommandError("Edit cancelled, no valid changes were saved.")
        self._reasons = ()
        try:
            values = await self._values()
        except ManifestError as error:
            fault = f'<nil>: Invalid value: "The edited file failed validation": {error}'
            self._again(Reason(head=f"{self._work.name} was not valid", faults=(fault,)))
            self._tell(f"error: {self._work.name} is invalid")
            return False
        if await texts.same(self._original, self._saved):
            return self._cancelled("no changes made")
        if texts.is_empty(self._saved):
            return self._cancelled("saved file was empty")
        try:
            edited = texts.objects(values)
        except ManifestError as error:
            self._again(Reason(head=f"The edited file had a syntax error: {error}"))
            return False
        return self._judge(await self._work.submit(edited))

    def _edit(self) -> None:
        """Open what there is in the editor; the file before is gone once there is a new one."""
        head = ""
        if self._form.extension != ".json":
            head = texts.header(self._work.header, self._reasons)
        content = head + self._text
        if self._form.windows:
            content = content.replace("\r\n", "\n").replace("\n", "\r\n")
        path = _new_file(content, self._form.extension, self._editor.environ)
        self._streams.out.flush()
        self._streams.err.flush()
        try:
            self._editor.edit(path)
        finally:
            found = Path(path).read_bytes().decode("utf-8", "surrogateescape")
            if found == content and not self._path:
                # Nothing was changed yet that could be lost.
                self._remove(path)
            else:
                self._remove(self._path)
                self._path = path
            self._saved = found

    async def _values(self) -> list[Any]:
        """Return the documents that were saved. Raises ``ManifestError``."""
        try:
            found = await texts.values(self._saved)
        except ManifestError as error:
            # Kubernetes says it without what it was doing.
            raise ManifestError(
                str(error).removeprefix("error converting YAML to JSON: ")
            ) from None
        if self._validation is not Validation.IGNORE:
            faults = [fault for value in found or [None] for fault in schema.faults(value)]
            if faults:
                raise ManifestError(str(Aggregate(faults)))
        return found

    def _judge(self, outcome: Outcome) -> bool:
        if outcome.refused:
            self._tell(f"You can run `cubectl replace -f {self._path}` to try this update again.")
        elif outcome.missing:
            path = quote(self._path)
            self._tell(f"The edits you made on deleted resources have been saved to {path}")
        elif outcome.invalid:
            self._again(*outcome.invalid)
            return False
        else:
            self._remove(self._path)
            return True
        self._path = ""
        raise UsageError

    def _again(self, *reasons: Reason) -> None:
        self._reasons = reasons
        self._text = texts.without_header(self._saved)
        if self._form.extension == ".json":
            # A comment on top would be none.
            self._streams.err.write(texts.header("", reasons))

    def _cancelled(self, why: str) -> bool:
        self._remove(self._path)
        self._tell(f"Edit cancelled, {why}.")
        return True

    def _tell(self, text: str) -> None:
        self._streams.err.write(f"{text}\n")

    def _remove(self, path: str) -> None:
        if path:
            with suppress(FileNotFoundError):
                Path(path).unlink()


def _new_file(content: str, extension: str, environ: Any) -> str:
    """Write a new file that only its owner can read, and return its path."""
    folder = environ.get("TMPDIR") or _TEMPORARY
    while True:
        number = random.randrange(10**10)  # noqa: S311  # the file is made exclusively
        path = str(Path(folder) / f"cubectl-edit-{number}{extension}")
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(file, "wb") as stream:
            stream.write(content.encode("utf-8", "surrogateescape"))
        return path
