"""From a document to an Info: what kind it is, and its typed message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.errors import quote
from protocube.manifests import names
from protocube.manifests.decode import decode
from protocube.manifests.field_values import word
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.info import Info, ListInfo
from protocube_client.resource.kinds import Kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube.catalog import Catalog, Resource
    from protocube.manifests.report import Fault
    from protocube_client.request import Caller
    from protocube_client.resource.text.document import Document

Learn = Callable[[], Awaitable["Catalog"]]
"""Gives the kinds of the server; raises an ApiError when it cannot be asked."""

_META = ("apiVersion", "kind", "metadata")
_GO_MAP = "Go value of type map[string]interface {}"


class Mapper:
    """Makes Infos of the kinds in a catalog."""

    def __init__(self, catalog: Catalog, client: Caller | None, learn: Learn | None = None) -> None:
        """Return the Infos ``client`` as their way to the server.

        ``learn`` is asked, once, for the kinds that there are when one is not in ``catalog``.
        """
        self._catalog = catalog
        self._kinds = Kinds(catalog)
        self._client = client
        self._learn = learn
        self._unanswered = ""
        """Why the server's kinds are not known, when it was asked in vain."""

    async def know(self, manifest: Any) -> None:
        """Learn of more kinds if that of ``manifest`` is not known. Call it before it is mapped."""
        if self._learn is None or not isinstance(manifest, dict) or "items" in manifest:
            return
        kind, api_version = names.kind(manifest), names.text(manifest, "apiVersion")
        if kind and self._kinds.find(api_version, kind) is None:
            learn, self._learn = self._learn, None
            try:
                self._catalog = await learn()
            except errors.ApiError as error:
                self._unanswered = str(error)
            self._kinds = Kinds(self._catalog)

    def info_for_data(self, raw: Document, source: str) -> Info:
        """Return the Info of one document; a :class:`ListInfo` when it has ``items``.

        Raises :class:`ManifestError` when it is no object, says no kind, has metadata
        of the wrong type (``unable to decode``) or is of an unknown kind (``resource
        mapping not found``). What else does not fit is in the Info's report.
        """
        try:
            return self._info(raw, source)
        except ManifestError as error:
            raise ManifestError(str(error), line=raw.line) from None

    def info_for_item(self, manifest: dict[str, Any], parent: ListInfo) -> Info:
        """Return the Info of one item of a list. Raises :class:`ManifestError`."""
        kind, api_version = names.kind(manifest), names.text(manifest, "apiVersion")
        if not kind or not api_version:
            # The space in the text is Kubernetes'.
            missing, shown = ("apiVersion", "apiVersion field") if kind else ("Kind", "kind field ")
            message = (
                'unable to get type info from the object "*unstructured.Unstructured": '
                f"Object '{missing}' is missing in 'object has no {shown}'"
            )
            raise ManifestError(message, line=parent.line)
        mapping = self._kinds.find(api_version, kind)
        if mapping is None:
            message = f"unable to recognize {_no_match(api_version, kind)}"
            raise ManifestError(message, line=parent.line)
        info = self._typed(manifest, mapping, parent.raw, parent.line)
        info.source = parent.source
        info.size = parent.size // len(parent.items)
        info.resource_version = parent.resource_version or info.resource_version
        return info

    def _info(self, raw: Document, source: str) -> Info:
        manifest = raw.value
        cannot_decode = f"unable to decode {quote(source)}: "
        if not isinstance(manifest, dict):
            message = (
                f"{cannot_decode}json: cannot unmarshal {word(manifest)} "
                "into Go value of type unstructured.detector"
            )
            raise ManifestError(message)
        items = _items(manifest, cannot_decode) if "items" in manifest else None
        kind, api_version = names.kind(manifest), names.text(manifest, "apiVersion")
        if not kind:
            raise ManifestError(f"{cannot_decode}Object 'Kind' is missing in '{raw.compact()}'")
        mapping = self._kinds.find(api_version, kind)
        known = self._kinds.has_list(api_version, kind) if items is not None else mapping
        if items is not None or mapping is None:
            self._check_metadata(manifest, cannot_decode)
        if not known:
            message = (
                f"resource mapping not found for name: {quote(_name(manifest))} "
                f"namespace: {quote(_namespace(manifest))} from {quote(source)}: "
                f"{_no_match(api_version, kind)}{self._hint(api_version, kind)}"
            )
            raise ManifestError(message)
        if items is not None or mapping is None:
            return ListInfo(
                client=self._client,
                source=source,
                raw=raw.raw,
                line=raw.line,
                manifest=manifest,
                items=items or [],
                resource_version=names.metadata_text(manifest, "resourceVersion"),
            )
        info = self._typed(manifest, mapping, raw.raw, raw.line)
        if any(_of_metadata(fault) for fault in info.decoded.faults):
            self._check_metadata(manifest, cannot_decode)
        info.source = source
        return info

    def _hint(self, api_version: str, kind: str) -> str:
        """Return a line about what would help with a kind that is not known, where something would.

        A kind that has moved needs no definition, whatever kubectl says, and the groups without
        a dot take none. Of a server that did not answer nobody knows which kinds it has.
        """
        moved = self._kinds.elsewhere(api_version, kind)
        if moved:
            return f"\n{moved}"
        if self._unanswered:
            return f"\nthe server could not be asked for its kinds: {self._unanswered}"
        group = api_version.partition("/")[0] if "/" in api_version else ""
        return "\nensure CRDs are installed first" if "." in group else ""

    def _typed(self, manifest: dict[str, Any], mapping: Resource, raw: bytes, line: int) -> Info:
        message: Any = mapping.message_class()
        report = decode(manifest, message)
        if not message.api_version:
            message.api_version = mapping.api_version
        return Info(
            client=self._client,
            mapping=mapping,
            namespace=_namespace(manifest),
            name=_name(manifest),
            source="",
            object=message,
            raw=raw,
            line=line,
            manifest=manifest,
            decoded=report,
            resource_version=names.metadata_text(manifest, "resourceVersion"),
            size=len(raw),
        )

    def _check_metadata(self, manifest: Mapping[str, Any], prefix: str) -> None:
        """Raise what is wrong with a document's metadata, whatever its kind.

        Metadata is read before the kind is looked up, so its faults end the object at
        once; those of the other fields are the server's to complain about.
        """
        if not self._catalog.resources:
            return
        # All kinds have the same metadata.
        message = self._catalog.resources[0].message_class()
        meta = {key: manifest[key] for key in _META if key in manifest}
        faults = decode(meta, message, struct="metadataOnlyObject").faults
        if faults:
            raise ManifestError(prefix + faults[0].message)


def _items(manifest: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Return the items of a list, with the kind that a typed list implies."""
    found = manifest["items"]
    if found is None:
        return []
    if not isinstance(found, list):
        message = (
            f"{prefix}json: cannot unmarshal {word(found)} into Go struct field "
            "decodeList.items of type []json.RawMessage"
        )
        raise ManifestError(message)
    implied = {
        "apiVersion": names.text(manifest, "apiVersion"),
        "kind": names.text(manifest, "kind").removesuffix("List"),
    }
    items: list[dict[str, Any]] = []
    for item in found:
        if item is not None and not isinstance(item, dict):
            raise ManifestError(f"{prefix}json: cannot unmarshal {word(item)} into {_GO_MAP}")
        content = item or {}
        untyped = not (names.text(content, "kind") or names.text(content, "apiVersion"))
        items.append({**content, **implied} if untyped else content)
    return items


def _of_metadata(fault: Fault) -> bool:
    return fault.field.partition(".")[0].partition("[")[0] in _META


def _no_match(api_version: str, kind: str) -> str:
    return f"no matches for kind {quote(kind)} in version {quote(api_version)}"


def _name(manifest: Mapping[str, Any]) -> str:
    return names.metadata_text(manifest, "name")


def _namespace(manifest: Mapping[str, Any]) -> str:
    return names.metadata_text(manifest, "namespace")
