"""The families of a Service's addresses, which depend on those that the server gives out.

The rules are Kubernetes' (``registry/core/service/storage/alloc.go``): who asks for two families
gets a second one where there is one; nothing is added or taken without being asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.builtin.services import types
from protocube_server.kinds import addresses, violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube import errors

SINGLE: Final = "SingleStack"
_PREFERRED, _REQUIRED = "PreferDualStack", "RequireDualStack"
_POLICIES: Final = (_PREFERRED, _REQUIRED, SINGLE)
_OTHER: Final = {"IPv4": "IPv6", "IPv6": "IPv4"}
_TWO: Final = 2
_POLICY: Final = "spec.ipFamilyPolicy"
_SEVERAL: Final = "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"
_RELEASED: Final = "must be 'SingleStack' to release the secondary {}"


def settle(old: Any | None, new: Any, families: Sequence[str]) -> list[errors.Violation]:
    """Give ``new`` its policy and families, in place; return what cannot be.

    Both are specs; ``old`` is ``None`` for a create. ``families`` are those that there are, the
    main one first.
    """
    if new.type not in types.ADDRESSED:
        return []
    before = _as_read(old, families[0]) if old is not None else None
    if before is not None and _prefers_as_before(before, new):
        return []
    asks_as_before = before is not None and _asks_as_before(before, new)
    faults = _settled(before, new, families)
    if faults and before is not None and asks_as_before and _is_refused(before, families):
        # What was stored all the same is not judged anew, as long as it stays.
        new.ip_families[:] = before.ip_families
        return []
    return faults


def _is_refused(old: Any, families: Sequence[str]) -> bool:
    """Tell whether a stored spec could not be created by now."""
    copy = type(old)()
    copy.CopyFrom(old)
    return bool(_settled(None, copy, families))


def _settled(before: Any | None, new: Any, families: Sequence[str]) -> list[errors.Violation]:
    if not new.HasField("ip_family_policy"):
        new.ip_family_policy = _policy(before, new)
    if not _is_sound(new):
        return []  # Rules say what is wrong.
    faults = list(_reductions(before, new)) if before is not None else []
    faults += _surplus(new)
    faults += _inferred(new, families)
    if faults:
        return faults
    if types.is_headless(new) and not new.selector:
        # Who has the endpoints is not known, and may have both families on any cluster.
        _complete(new, families[0], may_add=True)
        return []
    faults += _missing(new, families)
    if not faults:
        _complete(new, families[0], may_add=len(families) == _TWO)
    return faults


def _as_read(spec: Any, main: str) -> Any:
    """Return a stored spec with the families that one of an earlier release does not tell."""
    if spec.ip_families or spec.type not in types.ADDRESSED:
        return spec
    found = type(spec)()
    found.CopyFrom(spec)
    if spec.cluster_ip != types.HEADLESS:
        found.ip_families.extend(map(family_of, spec.cluster_ips))
    elif spec.selector:
        found.ip_families.append(main)
    else:
        found.ip_families.extend((main, _OTHER[main]))
    if found.ip_families:
        found.ip_family_policy = SINGLE if len(found.ip_families) == 1 else _REQUIRED
    return found


def _prefers_as_before(old: Any, new: Any) -> bool:
    """Tell whether a service that would like two families is left with those that it has."""
    return bool(
        old.type == new.type
        and new.ip_family_policy == _PREFERRED
        and (not old.HasField("ip_family_policy") or old.ip_family_policy == _PREFERRED)
        and old.cluster_ips == new.cluster_ips
        and old.ip_families == new.ip_families
    )


def _asks_as_before(old: Any, new: Any) -> bool:
    """Tell whether an update leaves addresses and families as they are."""
    policy = new.ip_family_policy if new.HasField("ip_family_policy") else old.ip_family_policy
    return bool(
        old.type == new.type
        and policy == old.ip_family_policy
        and old.cluster_ips == new.cluster_ips
        and (not new.ip_families or old.ip_families == new.ip_families)
    )


def _policy(old: Any | None, new: Any) -> str:
    if old is not None and old.HasField("ip_family_policy"):
        policy: str = old.ip_family_policy
        return policy
    return _REQUIRED if new.cluster_ip == types.HEADLESS and not new.selector else SINGLE


def _is_sound(spec: Any) -> bool:
    """Tell whether addresses, families and policy make sense by themselves."""
    asked, families = list(spec.cluster_ips), list(spec.ip_families)
    if spec.ip_family_policy not in _POLICIES or len(families) > _TWO:
        return False
    if len(set(families)) < len(families) or not set(families) <= _OTHER.keys():
        return False
    if spec.cluster_ip != (asked[0] if asked else ""):
        return False
    if asked == [types.HEADLESS]:
        return True
    if len(asked) > _TWO or None in map(addresses.address, asked):
        return False
    found = list(map(family_of, asked))
    return len(set(found)) == len(found) and all(
        one == other for one, other in zip(found, families, strict=False)
    )


def family_of(address: str) -> str:
    """Return the family of an address."""
    return "IPv6" if ":" in address else "IPv4"


def _reductions(old: Any, new: Any) -> Iterator[errors.Violation]:
    """Give up the second family where that is asked for; yield where it is not."""
    if new.ip_family_policy == SINGLE:
        if old.cluster_ips == new.cluster_ips:
            del new.cluster_ips[1:]
        if old.ip_families == new.ip_families:
            del new.ip_families[1:]
        return
    for name, what in (("cluster_ips", "cluster IP"), ("ip_families", "IP family")):
        if 0 < len(getattr(new, name)) < len(getattr(old, name)):
            yield violations.invalid(_POLICY, new.ip_family_policy, _RELEASED.format(what))


def _surplus(new: Any) -> Iterator[errors.Violation]:
    if new.ip_family_policy != SINGLE:
        return
    for name, what in (("cluster_ips", "cluster IPs"), ("ip_families", "IP families")):
        if len(getattr(new, name)) == _TWO:
            yield violations.invalid(_POLICY, SINGLE, _SEVERAL.format(what))


def _inferred(new: Any, families: Sequence[str]) -> Iterator[errors.Violation]:
    """Add the families of the addresses that are asked for."""
    if types.is_headless(new):
        return
    for index in range(len(new.ip_families), len(new.cluster_ips)):
        family = family_of(new.cluster_ips[index])
        if family in families:
            new.ip_families.append(family)
        else:
            detail = f"{family} is not configured on this cluster"
            yield violations.invalid(f"spec.clusterIPs[{index}]", list(new.cluster_ips), detail)


def _missing(new: Any, families: Sequence[str]) -> Iterator[errors.Violation]:
    if new.ip_family_policy == _REQUIRED and len(families) < _TWO:
        detail = "this cluster is not configured for dual-stack services"
        yield violations.invalid(_POLICY, _REQUIRED, detail)
    for index, family in enumerate(new.ip_families):
        if family not in families:
            yield violations.invalid(
                f"spec.ipFamilies[{index}]", family, "not configured on this cluster"
            )


def _complete(new: Any, main: str, *, may_add: bool) -> None:
    if not new.ip_families:
        new.ip_families.append(main)
    if may_add and len(new.ip_families) == 1 and new.ip_family_policy != SINGLE:
        new.ip_families.append(_OTHER[new.ip_families[0]])
