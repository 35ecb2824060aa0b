"""Pods and their templates: defaults, rules, and what an update may change."""

from protocube_server.builtin.pods import (
    amounts,
    binding,
    defaults,
    ephemeral_containers,
    eviction,
    field_paths,
    grace,
    label_keys,
    references,
    rules,
    updates,
    warnings,
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
    warnings=warnings.BY_NAME,
    update_rules=updates.BY_NAME,
    graces=grace.BY_NAME,
    evictions=eviction.BY_NAME,
    bindings=binding.BY_NAME,
)
"""What the options of these kinds name."""
