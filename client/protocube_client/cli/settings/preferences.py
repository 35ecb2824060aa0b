"""A person's aliases and defaults of flags: kubectl's kuberc, in a file beside the config file.

An example::

    apiVersion: kubectl.config.k8s.io/v1alpha1
    kind: Preference
    aliases:
    - name: getn
      command: get
      prependArgs: [namespaces]
      flags: [{name: output, default: name}]
    overrides:
    - command: delete
      flags: [{name: interactive, default: "true"}]

An alias is called like a command. What stands behind it comes between the arguments that are
prepended and appended. The defaults of flags hold unless the flags are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from protocube.errors import quote
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VARIABLE: Final = "PROTOCUBE_KUBERC"
"""Names the file; ``off`` for none."""
_OFF: Final = "off"
_NAME: Final = "kuberc"
_VERSIONS: Final = frozenset({"kubectl.config.k8s.io/v1alpha1", "kubectl.config.k8s.io/v1beta1"})
_FLAGS: Final = ("flags", "options")
"""What the two versions call the defaults of flags."""
_OVERRIDES: Final = ("overrides", "defaults")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What an alias stands for."""

    words: tuple[str, ...]
    """The command."""
    prepended: tuple[str, ...] = ()
    appended: tuple[str, ...] = ()
    flags: Mapping[str, str]
    """Defaults by name, without dashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What the file says."""

    file: str
    aliases: Mapping[str, Alias]
    defaults: Mapping[str, Mapping[str, str]]
    """Of flags, by the words of the command."""


def of(flags: Mapping[str, str], environ: Mapping[str, str]) -> Preferences | None:
    """Return the preferences, ``None`` without a file.

    Raises :class:`CommandError` for a file that was named and is not there, or is wrong.
    """
    named = environ.get(VARIABLE, "")
    if named == _OFF:
        return None
    from protocube_client.cli.settings import config_path

    file = Path(named) if named else config_path.of(flags, environ).with_name(_NAME)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if named:
            raise _wrong(file, "it does not exist") from None
        return None
    except (OSError, UnicodeError) as error:
        if named:
            raise _wrong(file, str(error)) from None
        # A folder that is closed to us has no preferences of ours.
        return None
    return _read(text, file)


def _read(text: str, file: Path) -> Preferences:
    from protocube.manifests.manifest_error import ManifestError
    from protocube.manifests.yaml import values as yaml_values

    try:
        data = yaml_values.load(text)
    except ManifestError as error:
        raise _wrong(file, str(error)) from None
    if not isinstance(data, dict) or data.get("kind") != "Preference":
        raise _wrong(file, "it must be a Preference")
    if data.get("apiVersion") not in _VERSIONS:
        raise _wrong(file, f"apiVersion must be one of {', '.join(sorted(_VERSIONS))}")
    aliases = {}
    for where, entry in _entries(data, ("aliases",), file):
        name = _text(entry, "name", where, file)
        aliases[name] = Alias(
            words=tuple(_text(entry, "command", where, file).split()),
            prepended=_texts(entry, "prependArgs", where, file),
            appended=_texts(entry, "appendArgs", where, file),
            flags=_defaults(entry, where, file),
        )
    defaults = {
        _text(entry, "command", where, file): _defaults(entry, where, file)
        for where, entry in _entries(data, _OVERRIDES, file)
    }
    return Preferences(file=str(file), aliases=aliases, defaults=defaults)


def _entries(
    data: dict[str, Any], keys: Sequence[str], file: Path, within: str = ""
) -> list[tuple[str, dict[str, Any]]]:
    """Return the entries of a list, each with where it is; ``keys`` are what it may be called."""
    found = []
    for key in keys:
        entries = data.get(key) or []
        if not isinstance(entries, list):
            raise _wrong(file, f"{within}{key} must be a list")
        for index, entry in enumerate(entries):
            where = f"{within}{key}[{index}]"
            if not isinstance(entry, dict):
                raise _wrong(file, f"{where} must be an object")
            found.append((where, entry))
    return found


def _defaults(entry: dict[str, Any], where: str, file: Path) -> dict[str, str]:
    return {
        _text(flag, "name", at, file): _text(flag, "default", at, file)
        for at, flag in _entries(entry, _FLAGS, file, f"{where}.")
    }


def _texts(entry: dict[str, Any], key: str, where: str, file: Path) -> tuple[str, ...]:
    found = entry.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _wrong(file, f"{where}.{key} must be a list of strings")
    return tuple(found)


def _text(entry: dict[str, Any], key: str, where: str, file: Path) -> str:
    found = entry.get(key)
    if not isinstance(found, str) or not found:
        raise _wrong(file, f"{where}.{key} must be a string")
    return found


def _wrong(file: Path, fault: str) -> CommandError:
    return CommandError(f"error loading preferences {quote(str(file))}: {fault}")
