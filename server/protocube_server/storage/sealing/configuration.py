"""The file that names the keys: ``EncryptionConfiguration`` of ``apiserver.config.k8s.io/v1``.

Its rules, and most sentences about what is wrong with one, are those of ``k8s.io/apiserver``
(``apis/apiserver/validation``, ``server/options/encryptionconfig``).
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
from typing import TYPE_CHECKING, Final

from protocube.quoting import quote
from protocube_server import config_files
from protocube_server.storage.sealing import marks
from protocube_server.storage.sealing.keys import AesGcm, Plain, SecretBox
from protocube_server.storage.sealing.kms import Kms
from protocube_server.storage.sealing.sealing import Sealing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from protocube_server.config_files import Node
    from protocube_server.storage.sealing.keys import Key

_AES: Final = (16, 24, 32)
_SECRETBOX: Final = (32,)
_ALL: Final = "*.*"
_PROVIDERS: Final = ("aesgcm", "aescbc", "secretbox", "identity", "kms")
_KMS: Final = ("apiVersion", "name", "endpoint", "timeout", "cachesize")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_READABLE: Final = 0o077
_LOG = logging.getLogger("protocube.server")


def read(file: Path) -> Sealing:
    """Return what a file says is sealed. Raises ``config_files.ConfigFileError``, without secrets.

    The log says when others than its owner may read the file.
    """
    node = config_files.read(
        file,
        kind="EncryptionConfiguration",
        api_versions=("apiserver.config.k8s.io/v1",),
        what="encryption configuration",
        is_secret=True,
    )
    if file.stat().st_mode & _READABLE:
        _LOG.warning("%s holds keys, and others than its owner can read it", file)
    return of_node(node)


def of_node(node: Node) -> Sealing:
    """Return what a document says. Raises as :func:`read`."""
    fields = node.fields(("apiVersion", "kind", "resources"))
    entries = fields["resources"].items() if "resources" in fields else []
    if not entries:
        raise node.fault("resources: Required value: at least one resources is required")
    rules: dict[str, list[Key]] = {}
    plugins: set[str] = set()
    for entry in entries:
        parts = entry.fields(("resources", "providers"))
        for name in ("resources", "providers"):
            if name not in parts or not parts[name].items():
                raise entry.fault(f"{name}: Required value: at least one {name} is required")
        keys = [key for item in parts["providers"].items() for key in _keys(item, plugins)]
        for resource in _resources(parts["resources"]):
            _require_unmasked(resource, rules)
            rules.setdefault(resource.text(), []).extend(keys)
    return Sealing(rules)


def _require_unmasked(resource: Node, rules: dict[str, list[Key]]) -> None:
    name = resource.text()
    for earlier in (f"*.{name.partition('.')[2]}", _ALL):
        if earlier in rules:
            masked = f"resource {quote(name)} is masked by earlier rule {quote(earlier)}"
            raise resource.fault(masked)


def _resources(node: Node) -> list[Node]:
    found = node.items()
    names = [item.text() for item in found]
    for item, name in zip(found, names, strict=True):
        plural, _, group = name.partition(".")
        if name != name.lower():
            raise item.fault("resource name should not contain capital letters")
        if name == "*":
            raise item.fault(
                "use '*.' to encrypt all the resources from core API group or *.* to encrypt all "
                "resources"
            )
        if not plural:
            raise item.fault("a resource has a name")
        if group == "*" and plural != "*":
            raise item.fault("encrypting the same resource across groups is not supported")
    if len(set(names)) < len(names):
        raise node.fault("the same resource cannot be specified multiple times")
    for name in names:
        group = name.partition(".")[2]
        beside = [each for each in names if each != name]
        if (name == _ALL and beside) or (
            name == f"*.{group}" and any(each.partition(".")[2] == group for each in beside)
        ):
            raise node.fault(
                "using overlapping resources such as 'secrets' and '*.' in the same resource list "
                "is not allowed as they will be masked"
            )
    return found


def _keys(node: Node, plugins: set[str]) -> list[Key]:
    """Return the keys of a provider."""
    given = node.fields(_PROVIDERS)
    if not given:
        raise node.fault(f"a provider is one of {', '.join(_PROVIDERS)}")
    if len(given) > 1:
        raise node.fault(
            "more than one provider specified in a single element, should split into different "
            "list elements"
        )
    ((name, provider),) = given.items()
    match name:
        case "aesgcm":
            return _named(provider, AesGcm, _AES)
        case "secretbox":
            return _named(provider, SecretBox, _SECRETBOX)
        case "kms":
            return [_plugin(provider, plugins)]
        case "identity":
            provider.fields(())
            return [Plain()]
    raise provider.fault(
        "aescbc is not served: what it seals can be changed unnoticed. Use secretbox or aesgcm"
    )


def _named(provider: Node, make: Callable[[str, bytes], Key], sizes: tuple[int, ...]) -> list[Key]:
    fields = provider.fields(("keys",))
    items = fields["keys"].items() if "keys" in fields else []
    if not items:
        raise provider.fault("keys: Required value: at least one keys is required")
    found = []
    for item in items:
        parts = item.fields(("name", "secret"))
        for part in ("name", "secret"):
            if part not in parts or not parts[part].text():
                raise item.fault(f"{part}: Required value: {part} is a mandatory field for a key")
        name = parts["name"].text()
        if ":" in name:
            raise parts["name"].fault("a name has no colon")
        _require_short(parts["name"])
        found.append(make(name, _secret(parts["secret"], sizes)))
    return found


def _secret(node: Node, sizes: tuple[int, ...]) -> bytes:
    try:
        secret = base64.b64decode(node.text(), validate=True)
    except (binascii.Error, ValueError):
        raise node.fault("secrets must be base64 encoded") from None
    if len(secret) not in sizes:
        wanted = " ".join(map(str, sizes))
        raise node.fault(
            f"secret is not of the expected length, got {len(secret)}, expected one of [{wanted}]"
        )
    return secret


def _plugin(node: Node, known: set[str]) -> Kms:
    fields = node.fields(_KMS)
    version = fields["apiVersion"].text() if "apiVersion" in fields else "v1"
    if version != "v2":
        place = fields.get("apiVersion", node)
        raise place.fault(f"the version {quote(version)} of plugins is not served, v2 is")
    if "cachesize" in fields:
        raise fields["cachesize"].fault("cachesize is not supported in v2")
    for name in ("name", "endpoint"):
        if name not in fields or not fields[name].text():
            raise node.fault(f"{name}: Required value: {name} is a mandatory field for a kms")
    name, endpoint = fields["name"].text(), fields["endpoint"].text()
    if ":" in name:
        raise fields["name"].fault(f"invalid KMS provider name {name}, must not contain ':'")
    _require_short(fields["name"])
    if name in known:
        raise fields["name"].fault(f"duplicate KMS provider name {name}, names must be unique")
    known.add(name)
    if not endpoint.startswith("unix:///"):
        scheme = quote(endpoint.partition(":")[0])
        raise fields["endpoint"].fault(
            f"unsupported scheme {scheme} for KMS provider, only unix is supported"
        )
    timeout = _duration(fields["timeout"]) if "timeout" in fields else 3.0
    return Kms(name, endpoint, timeout=timeout)


def _require_short(name: Node) -> None:
    if len(name.text().encode()) > marks.LONGEST_NAME:
        raise name.fault(f"a name has at most {marks.LONGEST_NAME} bytes")


def _duration(node: Node) -> float:
    """Return the seconds of one of Go's durations: ``3s``, ``1m30s``."""
    text = node.text()
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", text):
        raise node.fault("must be a duration, as in 3s")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))
    if not seconds:
        raise node.fault("timeout should be a positive value")
    return seconds
