"""``cubectl auth why``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.auth.can_i import subresource_flag
from protocube_client.cli.commands.auth.question import Question
from protocube_client.cli.failures import CommandError, Ended, UsageError
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session

METHOD = "/protocube.access.v1.Access/Explain"
_ARGUMENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyOptions:
    """What is asked about."""

    arguments: tuple[str, ...]
    all_namespaces: bool
    subresource: str

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be asked."""
        if len(self.arguments) != _ARGUMENTS:
            raise UsageError(
                "error: you must specify two arguments: verb resource or "
                "verb resource/resourceName.",
                "See 'cubectl auth why -h' for help and examples.",
            )
        if self.arguments[1].startswith("/") and self.subresource:
            raise CommandError("--subresource can not be used with a path")

    async def run(self, session: Session) -> None:
        """Ask, and print why or why not. Raises :class:`Ended` for a no."""
        from protocube.access.v1 import access_pb2
        from protocube_client.cli.commands.auth import explanation
        from protocube_client.request import Request

        verb, target = self.arguments
        asked = Question.read(verb, target, self.subresource)
        settled = await asked.settle(session, everywhere=self.all_namespaces)
        settled.warn(session.streams)
        question = access_pb2.ExplainRequest()
        if asked.path:
            question.non_resource_attributes.CopyFrom(settled.of_path())
        else:
            question.resource_attributes.CopyFrom(settled.of_resource())
        request = Request(method=METHOD, body=question.SerializeToString())
        answer = await request.send(session.connection)
        found = access_pb2.ExplainResponse.FromString(answer.body)
        lines = explanation.lines(found, settled)
        session.streams.out.writelines(f"{line}\n" for line in lines)
        if not found.allowed:
            session.streams.out.flush()
            raise Ended(1)


@click.pass_obj
def _why(app: App, /, **given: Any) -> None:
    options = WhyOptions(**given)
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "why",
    callback=_why,
    usage="VERB [TYPE | TYPE/NAME | /SERVICE/METHOD] [flags]",
    completes=("verbs", "kinds"),
    help=(
        "Tell by which binding something may be done, or why not: the bindings that come nearest "
        "to allowing it, and what each of them is short of. The exit code is that of can-i. With "
        "--as it is told of another user."
    ),
    examples="""
# Why may I not list pods in the namespace dev?
cubectl auth why list pods -n dev

# Why may alice delete the deployment web?
cubectl auth why delete deploy/web --as=alice
""",
    params=[
        Switch(["-A", "--all-namespaces"], help="Ask about all namespaces at once."),
        subresource_flag(),
    ],
)
