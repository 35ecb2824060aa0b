"""What is written down of calls, and where, as a server's settings say."""

from __future__ import annotations

import dataclasses
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protocube_server import tasks
from protocube_server.audit import file, policy_file
from protocube_server.audit.entering import Entering, Method
from protocube_server.audit.log import AuditLog
from protocube_server.audit.policy import DEFAULT, Policies
from protocube_server.audit.stage import Audited
from protocube_server.calls.chain import Stages
from protocube_server.calls.shares import FairShares
from protocube_server.followed_file import FollowedFile
from protocube_server.storage import url
from protocube_server.verbs import methods

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.audit.policy import Policy
    from protocube_server.kinds.edition import Editions
    from protocube_server.settings import Settings

NONE: Final = "none"
"""In the place of a file's name: nothing is written down."""
_NAME: Final = "audit.log"
_LOG = logging.getLogger("protocube.server")


def place(settings: Settings, *, loopback: bool) -> str:
    """Return where the log is; empty for nowhere.

    Where other machines can call, there is one unless ``none`` is said: beside the file of an
    SQLite store, or else in the user's data directory.
    """
    if settings.audit.log:
        return "" if settings.audit.log == NONE else settings.audit.log
    if settings.audit.policy is None and loopback:
        return ""
    location = url.parse(settings.store)
    if isinstance(location, url.SqliteLocation) and not location.is_in_memory:
        path = Path(location.path)
        return str(path.with_name(f"{path.stem}.{_NAME}"))
    return str(settings.data_folder / _NAME)


class Auditing:
    """The log of a server and what goes there; nothing where there is none."""

    def __init__(self, settings: Settings, editions: Editions, *, loopback: bool) -> None:
        """Raises ``ValueError`` for a policy or a log that cannot be used."""
        self._editions = editions
        self._log: AuditLog | None = None
        self._stage: Audited | None = None
        self._file: FollowedFile[Policy] | None = None
        self.entering: Entering | None = None
        """Is told what no stage of a call sees; ``None`` where nothing is written down."""
        chosen = settings.audit
        where = place(settings, loopback=loopback)
        if not where:
            if chosen.policy is not None:
                raise ValueError("--audit-policy contradicts --audit-log=none")
            return
        self._policies = Policies(DEFAULT)
        if chosen.policy is not None:
            self._file = FollowedFile(chosen.policy, policy_file.read, what="audit policy")
            self._policies = Policies(self._file.first, may_change=True)
        try:
            sink = file.opened(where, chosen.rotation)
        except OSError as error:
            reason = error.strerror or error
            raise ValueError(f"cannot write the audit log {where}: {reason}") from None
        if where != file.STDOUT and not chosen.log:
            _LOG.info("calls are written down in %s (--audit-log)", where)
        self._log = AuditLog(sink, chosen.when_full)
        self._stage = Audited(self._policies, self._log)
        self.entering = Entering(self._policies, self._log, self._method)

    def around(self, stages: Stages | None) -> Stages | None:
        """Return stages of calls that are written down; ``None`` are those of every server."""
        if self._stage is None:
            return stages
        stages = stages or Stages(limited_by_connection=FairShares())
        return dataclasses.replace(stages, audited=self._stage)

    @property
    def alone(self) -> Stages | None:
        """The stages of calls that the server makes itself."""
        return Stages(audited=self._stage) if self._stage is not None else None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Write while the context is open. It outlives all calls."""
        if self._log is None:
            yield
            return
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._log.running())
            if self._file is not None:
                await stack.enter_async_context(tasks.beside(self._file.follow(self._take)))
            yield

    def _take(self, policy: Policy) -> None:
        self._policies.current = policy

    def _method(self, path: str) -> Method | None:
        service, _, name = path.removeprefix("/").partition("/")
        kind = self._editions.current.kinds.for_service(service)
        found = methods.of_kind(kind, name) if kind is not None else None
        if kind is None or found is None:
            return None
        return Method(
            verb=found.verb.word,
            group=kind.resource.group,
            version=kind.resource.version,
            resource=kind.resource.plural,
            subresource=found.verb.subresource,
        )
