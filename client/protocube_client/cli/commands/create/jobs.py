"""What the generators of Jobs and CronJobs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from collections.abc import Sequence

API_VERSION = "batch/v1"


def image_flag(*, needed: bool) -> Flag:
    """Return ``--image``."""
    return Flag(
        ["--image"], default="", needed=needed, metavar="IMAGE", help="The image that is run."
    )


def spec(name: str, image: str, command: Sequence[str], *, restart: str) -> dict[str, Any]:
    """Return the spec of a Job with one container."""
    container: dict[str, Any] = {"name": name, "image": image}
    if command:
        container["command"] = list(command)
    return {"template": {"spec": {"containers": [container], "restartPolicy": restart}}}
