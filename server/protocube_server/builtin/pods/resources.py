"""Rules on what all containers of a pod together may ask for and be limited to."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from protocube.manifests import quantities
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube import errors

_HUGE_PAGES = "hugepages-"
_SUPPORTED = ("cpu", _HUGE_PAGES, "memory")
_ELSEWHERE = ("ephemeral-storage",)

_Amounts = dict[str, Fraction]


def faults(spec: Any, path: str) -> Iterator[errors.Violation]:
    """The pod has room for its containers, of what a pod can have room for."""
    if spec.os.name == "windows":
        return  # It has none of this, which another rule says.
    path = f"{path}.resources"
    if spec.resources.claims:
        detail = "claims may not be set for Resources at pod-level"
        yield violations.forbidden(f"{path}.claims", detail)
    for part in ("limits", "requests"):
        for name in sorted(getattr(spec.resources, part)):
            if name in _ELSEWHERE or "/" in name:
                yield violations.unsupported(f"{path}.{part}[{name}]", name, _SUPPORTED)
    yield from _too_small(spec, "requests", path)
    yield from _too_small(spec, "limits", path)
    yield from _too_large(spec, path)


def _too_small(spec: Any, part: str, path: str) -> Iterator[errors.Violation]:
    """Together, containers may be limited to more than the pod, but not in huge pages."""
    own = getattr(spec.resources, part)
    for name, asked in sorted(_together(spec, part).items()):
        if name not in own or (part == "limits" and not name.startswith(_HUGE_PAGES)):
            continue
        if _exceeds(asked, own[name]):
            written = quantities.text(asked, binary=own[name].endswith("i"))
            detail = f"must be greater than or equal to aggregate container {part} of {written}"
            yield violations.invalid(f"{path}.{part}[{name}]", own[name], detail)


def _too_large(spec: Any, path: str) -> Iterator[errors.Violation]:
    """No container alone may be limited to more than the pod."""
    own = spec.resources.limits
    for index, container in enumerate(spec.containers):
        limits = container.resources.limits
        for name, asked in _amounts(limits).items():
            if name in own and _exceeds(asked, own[name]):
                at = f"{path}.containers[{index}][{name}].limits"
                detail = f"must be less than or equal to pod limits of {own[name]}"
                yield violations.invalid(at, limits[name], detail)


def _together(spec: Any, part: str) -> _Amounts:
    """Return what the containers come to: the most that is there at any one time.

    Init containers run alone, beside the sidecars that were started before them.
    """
    running: _Amounts = {}
    for container in spec.containers:
        quantities.add(running, _amounts(getattr(container.resources, part)))
    sidecars: _Amounts = {}
    most: _Amounts = {}
    for container in spec.init_containers:
        asked = _amounts(getattr(container.resources, part))
        if container.restart_policy == "Always":
            quantities.add(running, asked)
            quantities.add(sidecars, asked)
            asked = {}
        for name in asked.keys() | sidecars.keys():
            alone = asked.get(name, Fraction()) + sidecars.get(name, Fraction())
            most[name] = max(most.get(name, alone), alone)
    return {
        name: max(running.get(name, Fraction()), most.get(name, Fraction()))
        for name in running.keys() | most.keys()
    }


def _amounts(texts: Mapping[str, str]) -> _Amounts:
    parsed = {name: quantities.parse(text) for name, text in texts.items()}
    return {name: amount for name, amount in parsed.items() if amount is not None}


def _exceeds(asked: Fraction, most: str) -> bool:
    room = quantities.parse(most)
    return room is not None and asked > room
