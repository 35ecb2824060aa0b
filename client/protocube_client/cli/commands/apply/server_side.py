"""Server-side apply of one object, and its way there from client-side apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from protocube import errors
from protocube.manifests import encode, json_text
from protocube_client.cli import last_applied
from protocube_client.cli.applying import warnings
from protocube_client.cli.commands.apply import managers
from protocube_client.cli.commands.apply.outcome import Outcome
from protocube_client.cli.failures import CommandError
from protocube_client.cli.objects import require_subresource

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube_client.cli.commands.apply.options import ApplyOptions
    from protocube_client.cli.session import Session
    from protocube_client.resource.helper import Helper, Written
    from protocube_client.resource.info import Info

MANAGER: Final = "kubectl"
_KEEPER: Final = "kubectl-last-applied"
"""Owns the annotation of objects that came from client-side apply."""

_ADVICE = """\
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts"""
_NOT_FATAL = "This is non-fatal and will be retried next time you apply. Error: "
_NOT_KEPT = f"failed to migrate {last_applied.ANNOTATION} for Server-Side Apply. {_NOT_FATAL}"
_NOT_MOVED = f"server rejected managed fields migration to Server-Side Apply. {_NOT_FATAL}"
_NOT_AGAIN = (
    f"failed to re-apply configuration after performing Server-Side Apply migration. {_NOT_FATAL}"
)
_ATTEMPTS = 5
_DONE: Final = "serverside-applied"


async def apply(info: Info, options: ApplyOptions, session: Session) -> Outcome:
    """Apply one object and refresh ``info``.

    Raises the exceptions of :mod:`protocube.errors`; a conflict is a :class:`CommandError`
    that says what can be done.
    """
    if not info.name:
        raise CommandError("resource name may not be empty")
    if not options.manager:
        # The server would take the name of the program.
        why = errors.Violation(
            field="fieldManager",
            reason="Required",
            message="Required value: is required for apply patch",
        )
        raise errors.invalid("PatchOptions.meta.k8s.io", "", [why])
    require_subresource(info.mapping, options.subresource)
    applying = _Applying(info, options)
    try:
        if options.subresource == "scale":
            scaled = await applying.send_scale()
            given = encode.shown(scaled.object)
            return Outcome(done=_DONE, warnings=scaled.warnings, given=given)
        live = await applying.live() if session.tells_changes else None
        written = await applying.send()
    except errors.Conflict as error:
        raise CommandError(f"{error.message}\n{_ADVICE}") from None
    info.refresh(written.object)
    migrated = await applying.migrate()
    changes: tuple[str, ...] = ()
    if live is not None:
        from protocube_client.cli import changed_fields

        is_status = options.subresource == "status"
        changes = changed_fields.lines(info.mapping, live, info.object, status=is_status)
    return Outcome(
        done=_DONE,
        changes=changes,
        warnings=(*written.warnings, *migrated.warnings),
        closing=(*migrated.notes, *warnings.of_deletion(info)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Migrated:
    """What was said while fields were taken over, as in :class:`Outcome`."""

    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _Applying:
    """One object on its way."""

    def __init__(self, info: Info, options: ApplyOptions) -> None:
        self._info = info
        self._options = options
        self._text = json_text.compact(info.manifest)

    async def live(self) -> Message | None:
        """Return the object as it is; ``None`` when there is none, or it cannot be read.

        It is only needed to tell what changes, so that it is no reason to fail.
        """
        try:
            return await self._helper().get(self._info.name, namespace=self._info.namespace)
        except errors.ApiError:
            return None

    async def send(self) -> Written:
        return await self._helper().apply(
            self._info.name,
            self._text,
            namespace=self._info.namespace,
            force=self._options.force_conflicts,
            subresource=cast("Any", self._options.subresource),
        )

    async def send_scale(self) -> Written:
        """Apply the number of replicas alone. Raises :class:`CommandError` when there is none."""
        info = self._info
        replicas = (info.manifest.get("spec") or {}).get("replicas")
        if not isinstance(replicas, int):
            # Without a number the manager would give up its own, and that would become 0.
            raise CommandError(f"{info.name} has no spec.replicas, which is what the scale has")
        return await self._helper().apply_scale(
            info.name, replicas, namespace=info.namespace, force=self._options.force_conflicts
        )

    async def migrate(self) -> _Migrated:
        """Take over what client-side apply has owned, and note what went wrong with it."""
        if last_applied.of(self._info.object) is None:
            return _Migrated()
        try:
            await self._keep_annotation()
        except errors.ApiError as error:
            return _Migrated(notes=(_NOT_KEPT + str(error),))
        try:
            is_moved = await self._move()
        except errors.ApiError as error:
            return _Migrated(notes=(_NOT_MOVED + str(error),))
        if not is_moved:
            return _Migrated()
        try:
            # What client-side apply alone has set can go now.
            written = await self.send()
        except errors.ApiError as error:
            return _Migrated(notes=(_NOT_AGAIN + str(error),))
        self._info.refresh(written.object)
        return _Migrated(warnings=written.warnings)

    async def _keep_annotation(self) -> None:
        """Let a manager of its own keep the annotation, which would go with its owner."""
        info = self._info
        if self._options.manager != MANAGER:
            return
        if managers.keepers(self._entries(), "Apply"):
            return
        kept = {
            "apiVersion": info.mapping.api_version,
            "kind": info.mapping.kind,
            "metadata": {
                "name": info.name,
                **({"namespace": info.namespace} if info.namespace else {}),
                "annotations": {last_applied.ANNOTATION: last_applied.of(info.object)},
            },
        }
        written = await self._helper(_KEEPER).apply(
            info.name, json_text.compact(kept), namespace=info.namespace
        )
        info.refresh(written.object)

    async def _move(self) -> bool:
        """Tell whether there was anything to take over, and take it over."""
        info = self._info
        entries = self._entries()
        owners = managers.keepers(entries, "Update")
        for attempt in range(_ATTEMPTS):
            left = entries
            for owner in owners:
                left = managers.moved(left, owner, self._options.manager)
            if left == entries:
                return False
            operations = [
                {"op": "replace", "path": "/metadata/managedFields", "value": left},
                # So that a write in between is a conflict.
                {
                    "op": "replace",
                    "path": "/metadata/resourceVersion",
                    "value": info.resource_version,
                },
            ]
            try:
                written = await self._helper().patch(
                    info.name,
                    json_text.compact(operations),
                    namespace=info.namespace,
                    form="json",
                )
            except errors.Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
                info.refresh(await self._helper().get(info.name, namespace=info.namespace))
                entries = self._entries()
                continue
            info.refresh(written.object)
            return True
        raise AssertionError("the last attempt returns or raises")

    def _helper(self, manager: str = "") -> Helper:
        return self._options.helper(self._info, manager=manager, managed_fields=True)

    def _entries(self) -> list[dict[str, Any]]:
        """Return the owners of the object's fields."""
        message: Any = self._info.object
        return [encode.data(entry) for entry in message.metadata.managed_fields]
