"""How ``cubectl set env`` changes the variables of an object, or shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.errors import quote
from protocube_client.cli.commands.set import pod_specs, sources
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube_client.cli.commands.set.env import EnvOptions
    from protocube_client.cli.commands.set.variables import Variables
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


class Environment:
    """The variables that are set, for :mod:`protocube_client.cli.commands.set.setting`."""

    done = "env updated"
    complaint = "failed to patch env update to pod template:"
    tells_of_unchanged = False

    def __init__(self, options: EnvOptions, variables: Variables, session: Session) -> None:
        self._options = options
        self._variables = variables
        self._resolver = sources.Resolver(session)

    async def make(self, chosen: Chosen, data: dict[str, Any], session: Session) -> list[str]:
        """Set the variables of the containers that are meant."""
        options = self._options
        spec = pod_specs.of_object(chosen.resource, data)
        meant = pod_specs.containers(spec, options.containers)
        kind = chosen.resource.kind
        if not meant:
            named = f"{kind}/{chosen.name}"
            session.streams.note(
                f"{named} does not have any containers matching {quote(options.containers)}"
            )
        for container in meant:
            present = container.get("env") or []
            if not options.overwrite:
                self._variables.refuse_overwriting(present)
            if changed := self._variables.applied(present):
                container["env"] = changed
            else:
                container.pop("env", None)
            if options.list:
                title = f"# {kind} {chosen.name}, container {container.get('name', '')}"
                session.streams.out.write(f"{title}\n")
                await self._list(container, data, session)
        # What was shown is not sent.
        if options.list:
            data.clear()
        return []

    async def _list(
        self, container: dict[str, Any], data: dict[str, Any], session: Session
    ) -> None:
        failed: dict[str, list[str]] = {}
        for variable in container.get("env") or []:
            name, source = variable["name"], variable.get("valueFrom")
            if source is None:
                session.streams.out.write(f"{name}={variable.get('value', '')}\n")
                continue
            line = f"# {name} from {sources.told(source)}"
            if self._options.resolve:
                try:
                    line = f"{name}={await self._resolver.value(source, data, container)}"
                except (errors.ApiError, CommandError) as error:
                    failed.setdefault(sources.failure(error), []).append(name)
            session.streams.out.write(f"{line}\n")
        session.streams.err.writelines(
            sorted(
                f"error retrieving reference for {', '.join(sorted(names))}: {why}\n"
                for why, names in failed.items()
            )
        )
