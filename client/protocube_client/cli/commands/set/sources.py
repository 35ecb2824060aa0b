"""Where the values of variables come from: keys of ConfigMaps and Secrets, fields, resources."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.errors import quote
from protocube.manifests import quantities
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from protocube_client.cli.commands.set.variables import Variable
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_KINDS = {"ConfigMap": "configMapKeyRef", "Secret": "secretKeyRef"}
_ODD = re.compile(r"[^a-zA-Z0-9_]")
_SUBSCRIPT = re.compile(r"(metadata\.(?:annotations|labels))\['(.*)'\]", re.DOTALL)


def of_object(chosen: Chosen, keys: Collection[str], session: Session) -> list[Variable]:
    """Return a variable for each key of a ConfigMap or Secret, or for those that are ``keys``.

    Names are upper case, and a name that is not its key is told of. Raises
    :class:`CommandError` for another kind.
    """
    field = _KINDS.get(chosen.resource.kind) if not chosen.resource.group else None
    if field is None:
        raise CommandError("unsupported resource specified in --from")
    found: list[Variable] = []
    for key in sorted(chosen.data().get("data") or {}):
        if keys and key not in keys:
            continue
        name = _ODD.sub("_", key).upper()
        if name != key:
            session.streams.note(f"key {key} transferred to {name}")
        reference = {"name": chosen.name, "key": key}
        found.append({"name": name, "valueFrom": {field: reference}})
    return found


def told(source: Mapping[str, Any]) -> str:
    """Return where a value comes from, in words."""
    if key := source.get("configMapKeyRef"):
        return f"configmap {key.get('name', '')}, key {key.get('key', '')}"
    if key := source.get("secretKeyRef"):
        return f"secret {key.get('name', '')}, key {key.get('key', '')}"
    if field := source.get("fieldRef"):
        return f"field path {field.get('fieldPath', '')}"
    if field := source.get("resourceFieldRef"):
        container = f"{field['containerName']}/" if field.get("containerName") else ""
        return f"resource field {container}{field.get('resource', '')}"
    return "invalid valueFrom"


class Resolver:
    """Finds the values that variables have; each ConfigMap and Secret is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: dict[tuple[str, str], Mapping[str, Any]] = {}

    async def value(
        self, source: Mapping[str, Any], data: Mapping[str, Any], container: Mapping[str, Any]
    ) -> str:
        """Return the value that ``source`` has for a container of the object ``data``.

        Raises ``ApiError``, and :class:`CommandError` for a key or field that is not there.
        """
        if key := source.get("secretKeyRef"):
            return await self._of_key("secrets", "secret", key)
        if key := source.get("configMapKeyRef"):
            return await self._of_key("configmaps", "config map", key)
        if field := source.get("fieldRef"):
            return _of_field(field.get("fieldPath", ""), data.get("metadata") or {})
        if field := source.get("resourceFieldRef"):
            return _of_resource(field, container)
        raise CommandError("invalid valueFrom")

    async def _of_key(self, kind: str, title: str, reference: Mapping[str, Any]) -> str:
        name, key = reference.get("name", ""), reference.get("key", "")
        if (kind, name) not in self._read:
            namespace = self._session.settings.namespace
            message: Any = await self._session.client.get(kind, name, namespace=namespace)
            self._read[kind, name] = dict(message.data)
        found = self._read[kind, name].get(key)
        if found is None:
            raise CommandError(f"key {key} not found in {title} {name}")
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)


def _of_field(path: str, metadata: Mapping[str, Any]) -> str:
    if found := _SUBSCRIPT.fullmatch(path):
        values: Mapping[str, str] = metadata.get(found[1].rpartition(".")[2]) or {}
        return values.get(found[2], "")
    if path in ("metadata.name", "metadata.namespace", "metadata.uid"):
        return str(metadata.get(path.rpartition(".")[2], ""))
    if path in ("metadata.annotations", "metadata.labels"):
        pairs = metadata.get(path.rpartition(".")[2]) or {}
        return "\n".join(f"{key}={quote(pairs[key])}" for key in sorted(pairs))
    raise CommandError(f"unsupported fieldPath: {path}")


def _of_resource(field: Mapping[str, Any], container: Mapping[str, Any]) -> str:
    what, _, name = field.get("resource", "").partition(".")
    if what not in ("limits", "requests"):
        raise CommandError(f"Unsupported container resource : {field.get('resource', '')}")
    given = ((container.get("resources") or {}).get(what) or {}).get(name, "0")
    amount, unit = quantities.parse(given), quantities.parse(field.get("divisor") or "1")
    return str(math.ceil((amount or 0) / (unit or 1)))


def failure(error: errors.ApiError | CommandError) -> str:
    """Return why a value could not be found."""
    return error.message if isinstance(error, errors.ApiError) else str(error)
