"""``cubectl label``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.cli.marking import changes, making

if TYPE_CHECKING:
    from protocube_client.cli.marking.marking import Marks


def _labels() -> Marks:
    from protocube_client.cli.commands.label.labels import Labels

    return Labels()


COMMAND = making.command(
    "label",
    "label",
    read=changes.of_labels,
    marks=_labels,
    examples="""
# Give a pod a label
cubectl label pod web tier=front

# Give it another value
cubectl label pod web tier=back --overwrite

# Take the label away
cubectl label pod web tier-

# Label the pods that another label chooses
cubectl label pods -l app=web tier=front

# Label a pod that has not changed since version 17
cubectl label pod web tier=front --resource-version=17

# Show the labels of two pods
cubectl label pods web api --list
""",
)
