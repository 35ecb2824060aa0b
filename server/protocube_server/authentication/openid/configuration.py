"""Kubernetes' file that says which issuers' tokens are taken, and what becomes of their claims.

Source: ``AuthenticationConfiguration`` of ``apiserver.config.k8s.io``.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import values as yaml_values
from protocube_server.authentication.openid import claim_mappings
from protocube_server.authentication.openid.reading import Reading, WrongError
from protocube_server.config_files import UnusableFile
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube_server.authentication.openid.mapping import ClaimMapping
    from protocube_server.authentication.openid.reading import Node

WHAT: Final = "authentication configuration"
_KIND: Final = "AuthenticationConfiguration"
_VERSIONS: Final = tuple(f"apiserver.config.k8s.io/{name}" for name in ("v1", "v1beta1"))
_MOST: Final = 64
_PROBES: Final = ("/healthz", "/livez", "/readyz")
_ISSUER: Final = {"url", "discoveryURL", "certificateAuthority", "audiences", "audienceMatchPolicy"}
_ENTRY: Final = {"issuer", "claimValidationRules", "claimMappings", "userValidationRules"}
_ANY: Final = "MatchAny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """An issuer of tokens, for whom they have to be, and what becomes of their claims."""

    url: str
    """The claim ``iss``."""
    discovery_url: str
    """Where its configuration is found; empty for the usual place below :attr:`url`."""
    authority: str
    """PEM of the authorities of its servers; empty for those of this machine."""
    audiences: tuple[str, ...]
    claims: ClaimMapping
    source: Any
    """What the file says of it: the same means the same authenticator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What the file says."""

    authenticators: tuple[Authenticator, ...]
    anonymous: bool | None
    """Whether callers without a credential are let in; ``None``: it is not said."""


def parse(text: str, *, file: str, own: Iterable[str] = ()) -> Configuration:
    """Return what the text of a file says; ``own`` are the issuers that it may not name.

    Raises ``UnusableFile`` with all faults, most of them in Kubernetes' words.
    """
    try:
        return _read(text, tuple(own))
    except (ManifestError, WrongError) as error:
        raise UnusableFile(f"{WHAT} '{file}': {error}") from None


def _read(text: str, own: tuple[str, ...]) -> Configuration:
    data = yaml_values.load(text)
    if not isinstance(data, dict):
        raise WrongError("it holds no object")
    if data.get("apiVersion") not in _VERSIONS or data.get("kind") != _KIND:
        raise WrongError(f"it must be of the kind {_KIND}, version {' or '.join(_VERSIONS)}")
    reading = Reading(text)
    root = reading.root(data, {"apiVersion", "kind", "jwt", "anonymous"})
    anonymous = _anonymous(root)
    entries = root.nodes("jwt", _ENTRY)
    if len(entries) > _MOST:
        root.fault(violations.too_many("jwt", len(entries), _MOST), "jwt")
        entries = []
    found = [_authenticator(entry, own) for entry in entries]
    _require_unique(entries, [each.url for each in found], "url")
    _require_unique(entries, [each.discovery_url for each in found], "discoveryURL")
    reading.require_right()
    return Configuration(authenticators=tuple(found), anonymous=anonymous)


def _anonymous(root: Node) -> bool | None:
    found = root.node("anonymous", {"enabled", "conditions"})
    if found is None:
        return None
    enabled = found.switch("enabled")
    conditions = found.nodes("conditions", {"path"})
    if conditions and not enabled:
        text = "enabled should be set to true when conditions are defined"
        paths = [each.text("path") for each in conditions]
        found.fault(violations.invalid(found.path("conditions"), paths, text), "conditions")
    for each in conditions:
        path = each.text("path")
        if not path.startswith(_PROBES):
            text = (
                f"paths are HTTP's; anybody may call grpc.health.v1.Health, which "
                f"{', '.join(_PROBES)} stand for, and no other method has conditions"
            )
            each.fault(violations.invalid(each.path("path"), path, text), "path")
    # Those whom the conditions let in need no name here: probes are not asked for one.
    return enabled and not conditions


def _authenticator(entry: Node, own: tuple[str, ...]) -> Authenticator:
    issuer = entry.node("issuer", _ISSUER)
    if issuer is None:
        entry.fault(violations.required(entry.path("issuer", "url"), "URL is required"), "issuer")
    url = issuer.text("url") if issuer is not None else ""
    discovery = issuer.text("discoveryURL") if issuer is not None else ""
    if issuer is not None:
        _check_issuer(issuer, url, discovery, own)
    return Authenticator(
        url=url,
        discovery_url=discovery,
        authority=issuer.text("certificateAuthority") if issuer is not None else "",
        audiences=_audiences(issuer) if issuer is not None else (),
        claims=claim_mappings.read(entry),
        source=entry.data,
    )


def _check_issuer(issuer: Node, url: str, discovery: str, own: tuple[str, ...]) -> None:
    if not url:
        issuer.fault(violations.required(issuer.path("url"), "URL is required"), "url")
    else:
        if url in own:
            text = f"URL must not overlap with disallowed issuers: [{' '.join(own)}]"
            issuer.fault(violations.invalid(issuer.path("url"), url, text), "url")
        _check_url(issuer, "url", url)
    if discovery:
        if url and url.rstrip("/") == discovery.rstrip("/"):
            text = "discoveryURL must be different from URL"
            path = issuer.path("discoveryURL")
            issuer.fault(violations.invalid(path, discovery, text), "discoveryURL")
        _check_url(issuer, "discoveryURL", discovery)
    authority = issuer.text("certificateAuthority")
    if authority:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=authority)
        except (ssl.SSLError, ValueError):
            path, text = issuer.path("certificateAuthority"), "it holds no certificates in PEM form"
            issuer.fault(violations.invalid(path, "<omitted>", text), "certificateAuthority")


def _check_url(issuer: Node, key: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        faults = [
            (parts.scheme != "https", "URL scheme must be https"),
            ("@" in parts.netloc, "URL must not contain a username or password"),
            (bool(parts.query), "URL must not contain a query"),
            (bool(parts.fragment), "URL must not contain a fragment"),
            (not parts.hostname, "URL must have a host"),
        ]
    except ValueError as error:
        faults = [(True, str(error))]
    for is_wrong, text in faults:
        if is_wrong:
            issuer.fault(violations.invalid(issuer.path(key), url, text), key)


def _audiences(issuer: Node) -> tuple[str, ...]:
    key, policy_key = "audiences", "audienceMatchPolicy"
    found, policy = issuer.texts(key), issuer.text(policy_key)
    path = issuer.path(key)
    if not found:
        issuer.fault(violations.required(path, f"at least one {path} is required"), key)
    for index, each in enumerate(found):
        place = issuer.path(key, index)
        if not each:
            issuer.fault(violations.required(place, "audience can't be empty"), key, index)
        if each in found[:index]:
            issuer.fault(violations.duplicate(place, each), key, index)
    text = ""
    if len(found) > 1 and policy != _ANY:
        text = "audienceMatchPolicy must be MatchAny for multiple audiences"
    elif len(found) == 1 and policy not in ("", _ANY):
        text = "audienceMatchPolicy must be empty or MatchAny for single audience"
    if text:
        issuer.fault(violations.invalid(issuer.path(policy_key), policy, text), policy_key)
    return tuple(found)


def _require_unique(entries: list[Node], urls: list[str], key: str) -> None:
    for index, (entry, url) in enumerate(zip(entries, urls, strict=True)):
        if url and url in urls[:index]:
            entry.fault(violations.duplicate(entry.path("issuer", key), url), "issuer", key)
