"""Service: defaults, rules, what an update may change and what it keeps."""

from protocube_server.builtin.services import addresses, defaults, kept, ports, updates
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults=defaults.BY_NAME,
    rules=addresses.BY_NAME,
    message_rules=ports.BY_NAME,
    update_rules=updates.BY_NAME,
    update_defaults=kept.BY_NAME,
)
"""What the options of these kinds name."""
