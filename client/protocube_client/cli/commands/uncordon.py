"""``cubectl uncordon``."""

from __future__ import annotations

from protocube_client.cli.nodes import making

COMMAND = making.command(
    "uncordon",
    cordoned=False,
    text="Let pods be put on nodes again.",
    examples="""
# Let pods be put on a node again
cubectl uncordon node-1
""",
)
