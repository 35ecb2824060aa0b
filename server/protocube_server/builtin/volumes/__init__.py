"""PersistentVolume and PersistentVolumeClaim: defaults, rules, what an update may change."""

from protocube_server.builtin.volumes import (
    claim_defaults,
    claim_updates,
    defaults,
    rules,
    sources,
    updates,
    uses,
)
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults={**claim_defaults.BY_NAME, **defaults.BY_NAME},
    rules=rules.BY_NAME,
    message_rules=sources.BY_NAME,
    uses=uses.BY_NAME,
    update_rules={**claim_updates.BY_NAME, **updates.BY_NAME},
)
"""What the options of these kinds name."""
