"""What is told of jobs that are accepted all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.kinds.named.message_warning import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_warning import MessageWarning

_COMPLETIONS, _PARALLELISM = 100_000, 10_000
_INDEXES: Final = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than "
    "10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
)
_ZONE: Final = (
    "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see "
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
)


def _job_spec(message: Any) -> Iterator[Remark]:
    is_many = message.completions > _COMPLETIONS and message.parallelism > _PARALLELISM
    if message.completion_mode == "Indexed" and is_many:
        yield Remark(_INDEXES)


def _cron_job(message: Any) -> Iterator[Remark]:
    """A new schedule cannot name a zone, and one that names it already is kept."""
    if "TZ" in message.spec.schedule:
        yield Remark(_ZONE, None)


BY_NAME: dict[str, MessageWarning] = {"cron_job": _cron_job, "job_spec": _job_spec}
