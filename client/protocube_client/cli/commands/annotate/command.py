"""``cubectl annotate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.cli.marking import changes, making

if TYPE_CHECKING:
    from protocube_client.cli.marking.marking import Marks


def _annotations() -> Marks:
    from protocube_client.cli.commands.annotate.annotations import Annotations

    return Annotations()


COMMAND = making.command(
    "annotate",
    "annotation",
    read=changes.of_annotations,
    marks=_annotations,
    examples="""
# Give a pod an annotation
cubectl annotate pod web description='the front'

# Give it another value
cubectl annotate pod web description='the back' --overwrite

# Take the annotation away
cubectl annotate pod web description-

# Annotate all pods of the namespace
cubectl annotate pods --all example.com/team=blue

# Show the annotations of a pod
cubectl annotate pod web --list
""",
)
