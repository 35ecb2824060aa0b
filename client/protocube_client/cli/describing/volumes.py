"""The volumes of a pod or of its template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.manifests import encode
from protocube.tables.kinds import missing
from protocube_client.cli.describing import anything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protocube_client.cli.describing.page import Page


def write(page: Page, volumes: Iterable[Any], *, margin: str = "") -> None:
    """Write volumes by what they are made of."""
    found = list(volumes)
    page.line(f"{margin}Volumes:" if found else f"{margin}Volumes:\t{missing.NONE}")
    for volume in found:
        page.line(f"{margin[1:]}{volume.name}:", 1)
        source = next((field.name for field, _ in volume.ListFields() if field.name != "name"), "")
        if source:
            _SOURCES.get(source, _other)(page, getattr(volume, source))


def _host_path(page: Page, source: Any) -> None:
    page.field("Type", "HostPath (bare host directory volume)", 2)
    page.field("Path", source.path, 2)
    page.field("HostPathType", source.type if source.HasField("type") else missing.NONE, 2)


def _empty_dir(page: Page, source: Any) -> None:
    page.field("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)", 2)
    page.field("Medium", source.medium, 2)
    limit = source.size_limit
    page.field("SizeLimit", limit if limit not in ("", "0") else missing.UNSET, 2)


def _secret(page: Page, source: Any) -> None:
    page.field("Type", "Secret (a volume populated by a Secret)", 2)
    page.field("SecretName", source.secret_name, 2)
    page.field("Optional", _word(source.optional), 2)


def _config_map(page: Page, source: Any) -> None:
    page.field("Type", "ConfigMap (a volume populated by a ConfigMap)", 2)
    page.field("Name", source.name, 2)
    page.field("Optional", _word(source.optional), 2)


def _claim(page: Page, source: Any) -> None:
    text = "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"
    page.field("Type", text, 2)
    page.field("ClaimName", source.claim_name, 2)
    page.field("ReadOnly", _word(source.read_only), 2)


def _nfs(page: Page, source: Any) -> None:
    page.field("Type", "NFS (an NFS mount that lasts the lifetime of a pod)", 2)
    page.field("Server", source.server, 2)
    page.field("Path", source.path, 2)
    page.field("ReadOnly", _word(source.read_only), 2)


def _csi(page: Page, source: Any) -> None:
    page.field("Type", "CSI (a Container Storage Interface (CSI) volume source)", 2)
    page.field("Driver", source.driver, 2)
    page.field("FSType", source.fs_type, 2)
    page.field("ReadOnly", _word(source.read_only), 2)
    values = source.volume_attributes
    told = [f"{key}={values[key]}" for key in sorted(values)] or [missing.NONE]
    page.field("VolumeAttributes", told[0], 2)
    for text in told[1:]:
        page.line(f"\t{text}", 2)


def _image(page: Page, source: Any) -> None:
    page.field("Type", "Image (a container image or OCI artifact)", 2)
    page.field("Reference", source.reference, 2)
    page.field("PullPolicy", source.pull_policy, 2)


def _downward(page: Page, source: Any) -> None:
    text = "DownwardAPI (a volume populated by information about the pod)"
    page.field("Type", text, 2)
    page.line("Items:", 2)
    for item in source.items:
        of_field = item.HasField("field_ref")
        field = item.field_ref.field_path if of_field else item.resource_field_ref.resource
        page.line(f"{field} -> {item.path}", 3)


def _projected(page: Page, source: Any) -> None:
    text = "Projected (a volume that contains injected data from multiple sources)"
    page.field("Type", text, 2)
    for part in source.sources:
        if part.HasField("secret"):
            page.field("SecretName", part.secret.name, 2)
            page.field("Optional", _word(part.secret.optional), 2)
        elif part.HasField("downward_api"):
            page.field("DownwardAPI", "true", 2)
        elif part.HasField("config_map"):
            page.field("ConfigMapName", part.config_map.name, 2)
            page.field("Optional", _word(part.config_map.optional), 2)
        elif part.HasField("service_account_token"):
            seconds = part.service_account_token.expiration_seconds
            page.field("TokenExpirationSeconds", seconds, 2)


def _other(page: Page, source: Any) -> None:
    page.field("Type", anything.heading(source.DESCRIPTOR.name.removesuffix("VolumeSource")), 2)
    anything.fields(page, encode.data(source), 2)


def _word(value: bool) -> str:  # noqa: FBT001  # the value is what is to be shown
    return str(value).lower()


_SOURCES: dict[str, Callable[[Page, Any], None]] = {
    "config_map": _config_map,
    "csi": _csi,
    "downward_api": _downward,
    "empty_dir": _empty_dir,
    "host_path": _host_path,
    "image": _image,
    "nfs": _nfs,
    "persistent_volume_claim": _claim,
    "projected": _projected,
    "secret": _secret,
}
