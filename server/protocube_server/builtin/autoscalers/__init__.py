"""HorizontalPodAutoscaler: its defaults, and the conversion between autoscaling/v1 and v2."""

from protocube_server.builtin.autoscalers import conversion, defaults, metric_sources
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults=defaults.BY_NAME,
    message_rules=metric_sources.BY_NAME,
    conversions=conversion.BY_NAME,
)
"""What the options of these kinds name."""
