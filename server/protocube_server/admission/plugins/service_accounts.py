"""ServiceAccount: a pod without an account gets the one called ``default``.

Nothing here runs pods, so no tokens are mounted into them. It is off unless an operator wants it:
nothing here makes the accounts called ``default`` either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.admission.plugins.plugin import POD, Plugin
from protocube_server.admission.write import CREATE

if TYPE_CHECKING:
    from protocube_server.admission.write import Write

_DEFAULT: Final = "default"


class ServiceAccount(Plugin):
    """See :class:`Plugin`."""

    name = "ServiceAccount"
    messages = (POD,)
    is_on = False

    def mutate(self, write: Write) -> bool:
        """Name the account of a new pod."""
        spec = write.new.spec
        if write.operation == CREATE and not spec.service_account_name:
            spec.service_account_name = spec.service_account = _DEFAULT
        return False
