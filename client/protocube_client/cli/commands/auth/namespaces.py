"""``cubectl auth namespaces``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.auth.can_i import subresource_flag
from protocube_client.cli.commands.auth.question import Question
from protocube_client.cli.failures import CommandError, Ended, UsageError

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session

METHOD = "/protocube.access.v1.Access/ListNamespaces"
_ARGUMENTS = 2
_ALL = "*"
"""What is printed for every namespace, those to come included; no namespace can be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespacesOptions:
    """What is asked about."""

    arguments: tuple[str, ...]
    subresource: str

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be asked."""
        if len(self.arguments) != _ARGUMENTS:
            raise UsageError(
                "error: you must specify two arguments: verb resource or "
                "verb resource/resourceName.",
                "See 'cubectl auth namespaces -h' for help and examples.",
            )
        if self.arguments[1].startswith("/"):
            raise CommandError("a path is in no namespace")

    async def run(self, session: Session) -> None:
        """Ask, and print the namespaces. Raises :class:`Ended` when there is none."""
        from protocube.access.v1 import access_pb2
        from protocube_client.request import Request

        verb, target = self.arguments
        asked = Question.read(verb, target, self.subresource)
        settled = await asked.settle(session, everywhere=True)
        settled.warn(session.streams)
        question = access_pb2.ListNamespacesRequest(resource_attributes=settled.of_resource())
        request = Request(method=METHOD, body=question.SerializeToString())
        answer = await request.send(session.connection)
        found = access_pb2.ListNamespacesResponse.FromString(answer.body)
        names = [_ALL] if found.everywhere else found.namespaces
        session.streams.out.writelines(f"{name}\n" for name in names)
        if not names:
            session.streams.err.write("in no namespace\n")
            raise Ended(1)


@click.pass_obj
def _namespaces(app: App, /, **given: Any) -> None:
    options = NamespacesOptions(**given)
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "namespaces",
    callback=_namespaces,
    usage="VERB (TYPE | TYPE/NAME) [flags]",
    completes=("verbs", "kinds"),
    help=(
        "Print the namespaces in which something may be done, one a line; * stands for all of "
        "them, those to come included. The exit code is 1 when there is none. With --as it is "
        "told of another user."
    ),
    examples="""
# Where may I list pods?
cubectl auth namespaces list pods

# List them all
for ns in $(cubectl auth namespaces list pods); do cubectl get pods -n "$ns"; done
""",
    params=[subresource_flag()],
)
