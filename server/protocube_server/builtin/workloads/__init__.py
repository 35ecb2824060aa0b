"""Deployment, StatefulSet, Job and their like: defaults, rules, what an update may change."""

from protocube_server.builtin.workloads import (
    cron_schedules,
    defaults,
    job_defaults,
    job_rules,
    job_updates,
    pod_templates,
    replica_counts,
    selectors,
    stateful_set_updates,
    templates,
    warnings,
)
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults={**defaults.BY_NAME, **job_defaults.BY_NAME},
    rules=templates.BY_NAME,
    message_rules={
        **cron_schedules.BY_NAME,
        **job_rules.BY_NAME,
        **pod_templates.BY_NAME,
        **replica_counts.BY_NAME,
        **selectors.BY_NAME,
    },
    warnings=warnings.BY_NAME,
    update_rules={**job_updates.BY_NAME, **stateful_set_updates.BY_NAME},
)
"""What the options of these kinds name."""
