"""What becomes of a role or a binding that is reconciled: what is missing is added.

Source: ``k8s.io/component-helpers/auth/rbac/reconciliation``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from protocube_client.cli.commands.auth import coverage

ROLES = frozenset({"ClusterRole", "Role"})
_RULE = {
    "Verbs": "verbs",
    "APIGroups": "apiGroups",
    "Resources": "resources",
    "ResourceNames": "resourceNames",
    "NonResourceURLs": "nonResourceURLs",
}
_SUBJECT = {"Kind": "kind", "APIGroup": "apiGroup", "Name": "name", "Namespace": "namespace"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is to be done to an object, and why."""

    operation: str
    """``create``, ``update``, ``recreate``, or nothing."""
    object: dict[str, Any]
    """The manifest that is to be there."""
    missing: list[dict[str, Any]] = field(default_factory=list)
    """Rules or subjects that are added."""
    extra: list[dict[str, Any]] = field(default_factory=list)
    """Rules or subjects that are taken away."""

    def lines(self) -> list[str]:
        """Return what tells of it below the object; nothing when all was there."""
        if not self.operation:
            return []
        is_role = self.object["kind"] in ROLES
        what = "rules" if is_role else "subjects"
        shown = _shown_rule if is_role else _shown_subject
        found = [f"\treconciliation required {self.operation}"]
        if self.missing:
            found += [f"\tmissing {what} added:", *(f"\t\t{shown(one)}" for one in self.missing)]
        if self.extra:
            found += [f"\textra {what} removed:", *(f"\t\t{shown(one)}" for one in self.extra)]
        return found


def outcome(wanted: dict[str, Any], found: dict[str, Any] | None, *, remove_extra: bool) -> Outcome:
    """Return what makes ``found`` allow what ``wanted`` does, and no more with ``remove_extra``."""
    is_role = wanted["kind"] in ROLES
    key = "rules" if is_role else "subjects"
    entries = wanted.get(key) or []
    if found is None:
        return Outcome(operation="create", object=wanted, missing=entries)
    if not is_role and wanted.get("roleRef") != found.get("roleRef"):
        return Outcome(operation="recreate", object=wanted, missing=entries)
    there = found.get(key) or []
    if not is_role:
        missing = [one for one in entries if one not in there]
        extra = [one for one in there if one not in entries]
    elif wanted.get("aggregationRule"):
        missing, extra = [], []
    else:
        missing, extra = coverage.lacking(there, entries), coverage.lacking(entries, there)
    made = {**found, "metadata": _marked(wanted["metadata"], found["metadata"])}
    if remove_extra and (missing or extra):
        made[key] = entries
    elif missing:
        made[key] = [*there, *missing]
    if is_role and (selectors := _selectors(wanted, found, remove_extra=remove_extra)):
        made["aggregationRule"] = {"clusterRoleSelectors": selectors}
    return Outcome(
        operation="update" if made != found else "",
        object=made,
        missing=missing,
        extra=extra if remove_extra else [],
    )


def _marked(wanted: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of an object with the labels and annotations that are wanted."""
    made = dict(found)
    for marks in ("labels", "annotations"):
        if both := {**(wanted.get(marks) or {}), **(found.get(marks) or {})}:
            made[marks] = both
    return made


def _selectors(
    wanted: dict[str, Any], found: dict[str, Any], *, remove_extra: bool
) -> list[dict[str, Any]]:
    """Return the selectors of the roles that a role is put together of."""
    entries = (wanted.get("aggregationRule") or {}).get("clusterRoleSelectors") or []
    there = (found.get("aggregationRule") or {}).get("clusterRoleSelectors") or []
    return entries if remove_extra else [*there, *(one for one in entries if one not in there)]


def _shown_rule(rule: dict[str, Any]) -> str:
    """Return a rule in the form of Go's ``%+v``."""
    parts = (f"{name}:[{' '.join(rule.get(key) or ())}]" for name, key in _RULE.items())
    return f"{{{' '.join(parts)}}}"


def _shown_subject(subject: dict[str, Any]) -> str:
    parts = (f"{name}:{subject.get(key, '')}" for name, key in _SUBJECT.items())
    return f"{{{' '.join(parts)}}}"
