"""The flags of commands that change objects."""

from __future__ import annotations

from protocube_client.cli.flags.pflag import FALSE, Flag, Switch, Unsupported


def field_manager(name: str) -> Flag:
    """Return ``--field-manager``, with the ``name`` that writes unless another one is given."""
    return Flag(
        ["--field-manager"],
        default=name,
        metavar="NAME",
        help="Who is said to have written the fields.",
    )


def validate() -> Flag:
    """Return ``--validate``."""
    return Flag(
        ["--validate"],
        bare="strict",
        default="strict",
        metavar="MODE",
        help="What to do with unknown fields: strict (refuse), warn, ignore.",
        values=("strict", "warn", "ignore"),
    )


def save_config() -> Flag:
    """Return ``--save-config``."""
    return Switch(["--save-config"], help="Keep the configuration in an annotation.")


def resource_version() -> Flag:
    """Return ``--resource-version``."""
    return Flag(
        ["--resource-version"],
        default="",
        metavar="VERSION",
        help="The version that the object must have; with one object only.",
    )


def record() -> Unsupported:
    """Return ``--record``, which kubectl has deprecated."""
    reason = "annotate the object with kubernetes.io/change-cause in place of it"
    return Unsupported("--record", reason, harmless=FALSE)
