"""The flags that say how configurations are applied, or would be."""

from __future__ import annotations

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, Switch


def server_side() -> Flag:
    """Return ``--server-side``."""
    return Switch(["--server-side"], help="Let the server merge, by the owners of fields.")


def force_conflicts() -> Flag:
    """Return ``--force-conflicts``."""
    return Switch(["--force-conflicts"], help="With --server-side, take fields from their owners.")


def field_manager() -> Flag:
    """Return ``--field-manager``; its value is ``None`` where it is not given."""
    return Flag(
        ["--field-manager"],
        default=None,
        metavar="NAME",
        help="Who is said to have written the fields.",
    )


def manager(given: str | None, *, server_side: bool) -> str:
    """Return who is said to have written: the one of the flag, or kubectl's for the side."""
    if given is not None:
        return given
    return "kubectl" if server_side else "kubectl-client-side-apply"


def check_sides(*, server_side: bool, force_conflicts: bool) -> None:
    """Raise :class:`CommandError` for a flag of the other side."""
    if force_conflicts and not server_side:
        raise CommandError("--force-conflicts only works with --server-side")


def prune(text: str) -> Flag:
    """Return ``--prune``, with what it does."""
    return Switch(["--prune"], help=text)


def prune_allowlist() -> Flag:
    """Return ``--prune-allowlist``, which may be given often."""
    return Flag(
        ["--prune-allowlist"],
        multiple=True,
        metavar="GROUP/VERSION/KIND",
        help="With --prune, the kinds to look at, such as core/v1/ConfigMap.",
    )
