"""Node: its defaults, and what an update may change."""

from protocube_server.builtin.nodes import defaults, updates
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults=defaults.BY_NAME,
    update_rules=updates.BY_NAME,
)
"""What the options of these kinds name."""
