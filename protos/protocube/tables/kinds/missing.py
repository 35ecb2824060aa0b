"""What cells show for what is not there. kubectl's server is not of one mind about it."""

from __future__ import annotations

NONE = "<none>"
UNKNOWN = "<unknown>"
UNSET = "<unset>"
NOT_APPLICABLE = "N/A"
