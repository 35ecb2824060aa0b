"""CustomResourceDefinition: its defaults, and what makes its schemas structural."""

from protocube_server.builtin.extensions import defaults, structural_schemas
from protocube_server.kinds.named.functions import Functions

FUNCTIONS = Functions(
    defaults=defaults.BY_NAME,
    rules=structural_schemas.BY_NAME,
)
"""What the options of these kinds name."""
