"""``cubectl set subject``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.set import options as set_options
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.app import App
    from protocube_client.cli.flags.subjects import Subjects
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_KINDS = frozenset({"ClusterRoleBinding", "RoleBinding"})
_FORM = "serviceaccount must be <namespace>:<name>"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Binding:
    """Adds subjects to bindings."""

    subjects: Subjects
    done = "subjects updated"
    complaint = "failed to patch subjects to rolebinding:"
    tells_of_unchanged = False

    def faults(self, chosen: Sequence[Chosen]) -> list[CommandError]:
        """Return what cannot be meant of the objects."""
        if not self.subjects:
            told = "you must specify at least one value of user, group or serviceaccount"
            return [CommandError(told)]
        for account in self.subjects.accounts:
            namespace, _, name = account.partition(":")
            if not name or ":" in name:
                return [CommandError(_FORM)]
            if not namespace and any(item.resource.kind == "ClusterRoleBinding" for item in chosen):
                return [CommandError(f"{_FORM}, namespace must be specified")]
        return []

    async def make(self, chosen: Chosen, data: dict[str, Any], session: Session) -> list[str]:
        """Add those subjects that the binding has not."""
        if chosen.resource.group != subjects.GROUP or chosen.resource.kind not in _KINDS:
            raise CommandError(
                "setting subjects is only supported for RoleBinding/ClusterRoleBinding"
            )
        present = list(data.get("subjects") or [])
        wanted = self._entries(session.settings.namespace)
        data["subjects"] = present + [each for each in wanted if each not in present]
        return []

    def _entries(self, namespace: str) -> list[dict[str, str]]:
        found = [
            subjects.entry(kind, name)
            for kind, names in (("User", self.subjects.users), ("Group", self.subjects.groups))
            for name in sorted(set(names))
        ]
        for account in sorted(set(self.subjects.accounts)):
            place, _, name = account.partition(":")
            found.append({"kind": "ServiceAccount", "name": name, "namespace": place or namespace})
        return found


@click.pass_obj
def _set(app: App, /, *, arguments: tuple[str, ...], **given: Any) -> None:
    options = set_options.take(given, arguments=arguments)
    binding = _Binding(subjects=subjects.take(given))

    async def run(session: Session) -> None:
        from protocube_client.cli.commands.set import setting

        chosen = await setting.read(options, session, options.faults()[:1])
        for fault in binding.faults(chosen):
            raise fault
        await setting.change_all(chosen, binding, options, session)

    app.run(app.settings(), run)


COMMAND = Command(
    "subject",
    callback=_set,
    usage=f"{set_options.USAGE} [--user=NAME] [--group=NAME] [--serviceaccount=NAME] [flags]",
    help="Bind the role of a RoleBinding or ClusterRoleBinding to more users, groups and service "
    "accounts.",
    completes=("kinds", "names"),
    examples="""
# Bind a role to a user and a group
cubectl set subject rolebinding readers --user=alice --group=dev

# Bind a role to a service account in all namespaces
cubectl set subject clusterrolebinding readers --serviceaccount=team-a:robot
""",
    params=[
        *set_options.flags(),
        *subjects.flags(),
    ],
)
