"""Deployment, StatefulSet, Job and their like: defaults, rules, what an update may change."""

from protocube_server.builtin.workloads import defaults, job_defaults, job_updates, templates
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults={**defaults.BY_NAME, **job_defaults.BY_NAME},
    rules=templates.BY_NAME,
    update_rules=job_updates.BY_NAME,
)
"""What the options of these kinds name."""
