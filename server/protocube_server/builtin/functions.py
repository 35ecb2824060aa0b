"""The named functions of all built-in kinds, in one record."""

from __future__ import annotations

from protocube_server.builtin import (
    access,
    amounts,
    autoscalers,
    deprecations,
    device_claims,
    devices,
    entries,
    extensions,
    int_or_strings,
    limit_ranges,
    lists,
    metadata,
    nodes,
    numbers,
    operations,
    pods,
    quotas,
    reviews,
    secret_keys,
    secrets,
    services,
    signers,
    system_priorities,
    times,
    volumes,
    workloads,
)
from protocube_server.kinds.named.functions import Functions

_OTHERS = Functions(
    defaults={
        **access.BY_NAME,
        **devices.BY_NAME,
        **limit_ranges.BY_NAME,
        **secrets.BY_NAME,
    },
    rules={
        **amounts.BY_NAME,
        **entries.BY_NAME,
        **lists.BY_NAME,
        **metadata.BY_NAME,
        **operations.BY_NAME,
        **times.BY_NAME,
    },
    message_rules={
        **device_claims.BY_NAME,
        **int_or_strings.BY_NAME,
        **quotas.BY_NAME,
        **reviews.BY_NAME,
        **secret_keys.BY_NAME,
        **signers.BY_NAME,
        **system_priorities.BY_NAME,
    },
    warnings=deprecations.BY_NAME,
    update_rules={**access.UPDATES, **numbers.BY_NAME},
)
"""Of families with a single module, and of rules that many kinds share."""

SHARED = Functions(rules={**entries.BY_NAME, **metadata.BY_NAME, **metadata.CUSTOM})
"""What the metadata of every kind names, as it is meant in users' own kinds."""

FUNCTIONS = Functions.merged(
    _OTHERS,
    autoscalers.FUNCTIONS,
    extensions.FUNCTIONS,
    nodes.FUNCTIONS,
    pods.FUNCTIONS,
    services.FUNCTIONS,
    volumes.FUNCTIONS,
    workloads.FUNCTIONS,
)
"""What ``app`` hands to the registry of kinds."""
