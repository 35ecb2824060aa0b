"""What ``cubectl run`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube.errors import quote
from protocube_client.cli import label_pairs, ports, variable_names
from protocube_client.cli.failures import CommandError, UsageError, misuse

if TYPE_CHECKING:
    from protocube_client.cli.flags.overriding import Overrides
    from protocube_client.cli.making import Making
    from protocube_client.cli.session import Session

_POLICIES = ("", "Always", "IfNotPresent", "Never")
_RESTARTS = ("", "Always", "OnFailure", "Never")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The pod to create, and the Service in front of it."""

    name: str
    words: tuple[str, ...]
    """The arguments of the container, or its command."""
    image: str
    image_pull_policy: str
    port: str
    env: tuple[str, ...]
    labels: str
    annotations: tuple[str, ...]
    restart: str
    command: bool
    expose: bool
    privileged: bool
    overrides: Overrides
    making: Making

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be done."""
        from protocube_client.cli.commands.run import images

        if not self.image:
            raise CommandError("--image is required")
        if not images.is_name(self.image):
            raise CommandError(f"Invalid image name {quote(self.image)}: invalid reference format")
        if self.expose and not self.port:
            raise _wrong("--port must be set when exposing a service")
        if self.restart not in _RESTARTS:
            raise _wrong(f"invalid restart policy: {self.restart}")
        if self.image_pull_policy not in _POLICIES:
            raise _wrong(f"invalid image pull policy: {self.image_pull_policy}")

    async def run(self, session: Session) -> None:
        """Create the pod, and the Service, of which it tells first."""
        settings, out = session.settings, session.streams.out
        place = {"namespace": settings.namespace} if settings.namespace_given else {}
        printer = self.making.printer("created")
        manifest = self.overrides.applied(self._pod(place), session)
        pod = await self.making.make(session, manifest)
        if self.expose:
            service = await self.making.make(session, self._service(place))
            printer.print([service], out)
            if self.making.format.name == "yaml":
                # kubectl separates them, and so does its printer.
                out.write("---\n")
        printer.print([pod], out)

    @property
    def _selector(self) -> dict[str, str]:
        return label_pairs.read(self.labels) if self.labels else {"run": self.name}

    def _pod(self, place: dict[str, str]) -> dict[str, Any]:
        metadata: dict[str, Any] = {"name": self.name, **place, "labels": self._selector}
        if self.annotations:
            metadata["annotations"] = _annotations(self.annotations)
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {
                "containers": [self._container()],
                "restartPolicy": self.restart or "Always",
                "dnsPolicy": "ClusterFirst",
            },
        }

    def _container(self) -> dict[str, Any]:
        container: dict[str, Any] = {"name": self.name, "image": self.image}
        if self.words:
            container["command" if self.command else "args"] = list(self.words)
        if self.env:
            container["env"] = [_variable(text) for text in self.env]
        if self.port:
            container["ports"] = [{"containerPort": ports.atoi(self.port)}]
        if self.image_pull_policy:
            container["imagePullPolicy"] = self.image_pull_policy
        if self.privileged:
            container["securityContext"] = {"privileged": True}
        return container

    def _service(self, place: dict[str, str]) -> dict[str, Any]:
        from protocube_client.cli.exposing import Ports, ServiceOptions

        metadata: dict[str, Any] = {"name": self.name, **place}
        if self.labels:
            metadata["labels"] = self._selector
        return ServiceOptions().manifest(
            metadata, selector=self._selector, ports=Ports(numbers=[self.port])
        )


def _variable(text: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not equals or variable_names.faults(name):
        raise CommandError(f"invalid env: {text}")
    return {"name": name, "value": value}


def _annotations(pairs: tuple[str, ...]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair[1:]]
    if wrong:
        raise CommandError(f"invalid annotations format: {', '.join(wrong)}")
    return dict(pair.split("=", 1) for pair in pairs)


def _wrong(fault: str) -> UsageError:
    path = click.get_current_context().command_path
    return misuse(fault, path)
