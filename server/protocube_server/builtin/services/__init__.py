"""Service: defaults, rules, what it is given, what an update may change and what it keeps."""

from protocube_server.builtin.services import (
    addresses,
    allocation,
    defaults,
    kept,
    ports,
    ranges,
    updates,
)
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults=defaults.BY_NAME,
    rules=addresses.BY_NAME,
    message_rules={**ports.BY_NAME, **ranges.MESSAGE_RULES},
    update_rules={**updates.BY_NAME, **ranges.UPDATE_RULES},
    update_defaults=kept.BY_NAME,
    allocations=allocation.BY_NAME,
)
"""What the options of these kinds name."""
