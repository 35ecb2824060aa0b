"""Pods and their templates: defaults, rules, and what an update may change."""

from protocube_server.builtin.pods import (
    amounts,
    defaults,
    ephemeral_containers,
    field_paths,
    label_keys,
    references,
    rules,
    updates,
    windows,
)
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults=defaults.BY_NAME,
    rules={**amounts.BY_NAME, **rules.BY_NAME, **windows.BY_NAME},
    message_rules={
        **ephemeral_containers.BY_NAME,
        **field_paths.BY_NAME,
        **label_keys.BY_NAME,
        **references.BY_NAME,
    },
    update_rules=updates.BY_NAME,
)
"""What the options of these kinds name."""
