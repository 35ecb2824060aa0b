"""``cubectl cordon``."""

from __future__ import annotations

from protocube_client.cli.nodes import making

COMMAND = making.command(
    "cordon",
    cordoned=True,
    text="Let no more pods be put on nodes. Those that are there stay.",
    examples="""
# Let no more pods be put on a node
cubectl cordon node-1

# On all nodes with a label
cubectl cordon -l zone=a
""",
)
