"""What a command prints when it fails, and with which exit code it ends."""

from __future__ import annotations

FAILED = 1
"""The exit code of every failure, as kubectl's."""
DIFFERENT = 1
"""The exit code of a comparison that has found something."""
FAILED_BESIDE_DIFFERENT = 2
"""The exit code of every failure of a command for which 1 means that there are differences."""
INTERRUPTED = 130
"""128 and the number of SIGINT."""
PIPE_CLOSED = 141
"""128 and the number of SIGPIPE: the reader of the output has gone."""


class Ended(Exception):
    """The command ends with an exit code of its own; all is told."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


class CommandError(Exception):
    """The command cannot do what it was asked; ``error: MESSAGE`` is printed."""


class UnknownKindError(CommandError):
    """There is no kind that is called ``word``."""

    def __init__(self, word: str) -> None:
        from protocube.errors import quote

        super().__init__(f"the server doesn't have a resource type {quote(word)}")
        self.word = word


class UsageError(Exception):
    """The command line itself is wrong; ``lines`` are printed as they stand."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


def misuse(fault: str, command: str) -> UsageError:
    """Return the error for a wrong command line; ``command`` is all words of its name."""
    return UsageError(f"error: {fault}", f"See '{command} -h' for help and examples")


def lines(error: Exception) -> list[str]:
    """Return the lines that tell of ``error``, in kubectl's words."""
    if isinstance(error, UsageError):
        return list(error.lines)
    if isinstance(error, CommandError):
        return [f"error: {error}"]
    from protocube import errors
    from protocube.manifests.manifest_error import ManifestError
    from protocube.tables.print_error import PrintError
    from protocube_client.resource import error_text
    from protocube_client.resource.aggregate import Aggregate

    if isinstance(error, errors.ApiError | Aggregate | ManifestError | OSError):
        return error_text.lines(error)
    if isinstance(error, PrintError):
        return f"error: {error}".split("\n")
    return [
        f"error: {type(error).__name__}: {error}",
        "This is a fault of cubectl; PROTOCUBE_TRACEBACK=1 shows where it is.",
    ]
