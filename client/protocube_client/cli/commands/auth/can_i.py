"""``cubectl auth can-i``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.auth.question import Question
from protocube_client.cli.failures import CommandError, Ended, UsageError
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session

_ARGUMENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CanIOptions:
    """What is asked, and what of the answer is shown."""

    arguments: tuple[str, ...]
    all_namespaces: bool
    quiet: bool
    subresource: str
    list: bool
    no_headers: bool

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be asked."""
        if self.list:
            if self.arguments:
                raise CommandError("list option must be specified with no arguments")
            if self.quiet or self.all_namespaces or self.subresource:
                raise CommandError(
                    "list option can't be specified with neither quiet, all-namespaces nor "
                    "subresource options"
                )
            return
        if len(self.arguments) != _ARGUMENTS:
            raise UsageError(
                "error: you must specify two arguments: verb resource or "
                "verb resource/resourceName.",
                "See 'cubectl auth can-i -h' for help and examples.",
            )
        if self.arguments[1].startswith("/") and self.subresource:
            raise CommandError("--subresource can not be used with NonResourceURL")

    async def run(self, session: Session) -> None:
        """Ask, and print the answer. Raises :class:`Ended` for a no."""
        if self.list:
            await self._show_all(session)
            return
        verb, target = self.arguments
        asked = Question.read(verb, target, self.subresource)
        settled = await asked.settle(session, everywhere=self.all_namespaces)
        settled.warn(session.streams)
        if self.no_headers:
            raise CommandError("--no-headers cannot be set without --list specified")
        from protocube.authorization.v1 import self_subject_access_review_pb2

        review = self_subject_access_review_pb2.SelfSubjectAccessReview()
        if asked.path:
            review.spec.non_resource_attributes.CopyFrom(settled.of_path())
        else:
            review.spec.resource_attributes.CopyFrom(settled.of_resource())
        status = (await session.client.create(review)).status
        if not self.quiet:
            told = ["no", status.reason, status.evaluation_error]
            answer = "yes" if status.allowed else " - ".join(filter(None, told))
            session.streams.out.write(f"{answer}\n")
        if not status.allowed:
            session.streams.out.flush()
            raise Ended(1)

    async def _show_all(self, session: Session) -> None:
        from protocube.authorization.v1 import self_subject_rules_review_pb2
        from protocube_client.cli.commands.auth import rule_rows
        from protocube_client.printers.grid import Grid

        review = self_subject_rules_review_pb2.SelfSubjectRulesReview()
        review.spec.namespace = session.settings.namespace
        status = (await session.client.create(review)).status
        if status.incomplete:
            text = f"the list may be incomplete: {status.evaluation_error}"
            session.streams.err.write(f"Warning: {text}\n")
        headings = [] if self.no_headers else [rule_rows.HEADINGS]
        lines = Grid().lines([*headings, *rule_rows.rows(status)])
        session.streams.out.writelines(lines)


@click.pass_obj
def _can_i(app: App, /, **given: Any) -> None:
    options = CanIOptions(**given)
    options.validate()
    app.run(app.settings(), options.run)


def subresource_flag() -> Flag:
    """Return the flag that names a part of the object."""
    return Flag(
        ["--subresource"],
        default="",
        metavar="NAME",
        help="The part of the object that is meant, such as status or scale.",
    )


COMMAND = Command(
    "can-i",
    callback=_can_i,
    usage="VERB [TYPE | TYPE/NAME | /SERVICE/METHOD] [flags]",
    completes=("verbs", "kinds"),
    help=(
        "Tell whether something may be done: yes, or no with the exit code 1. A path is a method "
        "of a service that is no kind's, and its verb is call. With --as it is told of another "
        "user."
    ),
    examples="""
# May I create pods in all namespaces?
cubectl auth can-i create pods --all-namespaces

# May I list deployments in the namespace dev?
cubectl auth can-i list deployments.apps -n dev

# May the service account robot of dev read the pod web?
cubectl auth can-i get pod/web --as=system:serviceaccount:dev:robot -n dev

# May I change the number of replicas?
cubectl auth can-i update deployments --subresource=scale

# May I ask the server which kinds it has?
cubectl auth can-i call /protocube.discovery.v1.Discovery/ListResources

# What may I do in the namespace dev?
cubectl auth can-i --list -n dev
""",
    params=[
        Switch(["-A", "--all-namespaces"], help="Ask about all namespaces at once."),
        Switch(["-q", "--quiet"], help="Print nothing: the exit code is the answer."),
        subresource_flag(),
        Switch(["--list"], help="Show all that may be done in the namespace."),
        Switch(["--no-headers"], help="Leave out the headings of --list."),
    ],
)
