"""Rules on the annotations that named seccomp and AppArmor profiles before fields did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.builtin.pods import containers
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube import errors

_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_APP_ARMOR_CONTAINER = "container.apparmor.security.beta.kubernetes.io/"
_UNCONFINED, _DEFAULT, _OLD_DEFAULT, _LOCAL = (
    "unconfined",
    "runtime/default",
    "docker/default",
    "localhost/",
)


def in_annotations(
    spec: Any, annotations: Mapping[str, str], path: str, spec_path: str
) -> Iterator[errors.Violation]:
    """The old way of saying it is right in itself, and says what the fields say."""
    if not any(name == _SECCOMP_POD or name.startswith("container.") for name in annotations):
        return
    names = {container.name for _, container in containers.of(spec, spec_path)}
    for name, text in sorted(annotations.items()):
        if name == _SECCOMP_POD or name.startswith(_SECCOMP_CONTAINER):
            yield from _seccomp(f"{path}.{name}", text)
        elif name.startswith(_APP_ARMOR_CONTAINER):
            container = name.removeprefix(_APP_ARMOR_CONTAINER)
            if container not in names:
                yield violations.invalid(f"{path}[{name}]", container, "container not found")
            if text not in ("", _DEFAULT, _UNCONFINED) and not text.startswith(_LOCAL):
                detail = f"invalid AppArmor profile name: {violations.shown(text)}"
                yield violations.invalid(f"{path}[{name}]", text, detail)
    yield from _seccomp_fields(spec, annotations, spec_path)
    if spec.os.name != "windows":
        yield from _app_armor_fields(spec, annotations, spec_path)


def _seccomp(path: str, text: str) -> Iterator[errors.Violation]:
    if text in (_UNCONFINED, _DEFAULT, _OLD_DEFAULT):
        return
    if not text.startswith(_LOCAL):
        yield violations.invalid(path, text, "must be a valid seccomp profile")
        return
    file = text.removeprefix(_LOCAL)
    if file.startswith("/"):
        yield violations.invalid(path, file, "must be a relative path")
    if ".." in file.split("/"):
        yield violations.invalid(path, file, "must not contain '..'")


def _seccomp_fields(
    spec: Any, annotations: Mapping[str, str], path: str
) -> Iterator[errors.Violation]:
    holders = [(path, _SECCOMP_POD, spec)]
    holders += [
        (where, _SECCOMP_CONTAINER + container.name, container)
        for where, container in containers.of(spec, path)
    ]
    for where, name, holder in holders:
        if name in annotations and holder.security_context.HasField("seccomp_profile"):
            profile = holder.security_context.seccomp_profile
            at = f"{where}.securityContext.seccompProfile"
            yield from _match(at, "seccomp", annotations[name], profile)


def _app_armor_fields(
    spec: Any, annotations: Mapping[str, str], path: str
) -> Iterator[errors.Violation]:
    """A container of a template that has no profile of its own has the pod's.

    In a pod it gets the one of the annotation.
    """
    for where, container in containers.of(spec, path):
        name = _APP_ARMOR_CONTAINER + container.name
        for holder in (container,) if path == containers.OF_A_POD else (container, spec):
            if holder.security_context.HasField("app_armor_profile"):
                if name in annotations:
                    profile = holder.security_context.app_armor_profile
                    at = f"{where}.securityContext.appArmorProfile"
                    yield from _match(at, "apparmor", annotations[name], profile)
                break


def _match(path: str, word: str, text: str, profile: Any) -> Iterator[errors.Violation]:
    defaults = (_DEFAULT, _OLD_DEFAULT) if word == "seccomp" else (_DEFAULT,)
    same = {
        "Unconfined": text == _UNCONFINED,
        "RuntimeDefault": text in defaults,
        "Localhost": text.startswith(_LOCAL),
    }.get(profile.type, True)
    if not same:
        detail = f"{word} type in annotation and field must match"
        yield violations.forbidden(f"{path}.type", detail)
    elif profile.type == "Localhost" and text.removeprefix(_LOCAL) != profile.localhost_profile:
        detail = f"{word} profile in annotation and field must match"
        yield violations.forbidden(f"{path}.localhostProfile", detail)
