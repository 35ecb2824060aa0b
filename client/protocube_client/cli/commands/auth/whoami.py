"""``cubectl auth whoami``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.flags import output

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session

_FORBIDDEN = (
    "the selfsubjectreviews API is not enabled in the cluster or you do not have permission to "
    "call it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAmIOptions:
    """In which form the answer is shown."""

    format: Format
    arguments: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`UsageError` for arguments: there are none."""
        if self.arguments:
            raise UsageError(
                f"error: unexpected arguments: [{' '.join(self.arguments)}]",
                "See 'cubectl auth whoami -h' for help and examples",
            )

    async def run(self, session: Session) -> None:
        """Ask who calls, and print it."""
        from protocube import errors
        from protocube.authentication.v1 import self_subject_review_pb2

        try:
            review = await session.client.create(self_subject_review_pb2.SelfSubjectReview())
        except errors.Forbidden:
            raise CommandError(_FORBIDDEN) from None
        if self.format.name:
            from protocube_client.printers.printable import Printable

            resource = session.catalog.for_message(review.DESCRIPTOR.full_name)
            assert resource is not None  # noqa: S101  # it is shipped with this command
            shown = Printable(resource=resource, message=review)
            self.format.printer().print([shown], session.streams.out)
            return
        from protocube_client.printers.grid import Grid

        rows = [("ATTRIBUTE", "VALUE"), *_rows(review.status.user_info)]
        session.streams.out.writelines(Grid().lines(rows))


def _rows(user: Any) -> list[tuple[str, str]]:
    found = [
        ("Username", user.username),
        ("UID", user.uid),
        ("Groups", f"[{' '.join(user.groups)}]" if user.groups else ""),
    ]
    found += [(f"Extra: {key}", f"[{' '.join(user.extra[key])}]") for key in sorted(user.extra)]
    return [row for row in found if row[1]]


@click.pass_obj
def _whoami(app: App, /, **given: Any) -> None:
    options = WhoAmIOptions(format=output.take(given).format(tables=False), **given)
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "whoami",
    callback=_whoami,
    help="Tell who the server takes the caller for: the name, the groups and what else it knows.",
    examples="""
# Who am I?
cubectl auth whoami

# Who would I be?
cubectl auth whoami --as=alice --as-group=devs

# My groups alone
cubectl auth whoami -o jsonpath='{.status.userInfo.groups}'
""",
    params=[*output.flags(tables=False)],
)
