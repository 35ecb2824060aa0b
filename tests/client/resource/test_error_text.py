"""What ended a command is printed as kubectl prints it."""

from __future__ import annotations

import errno

import pytest

from protocube import errors
from protocube.manifests.manifest_error import ManifestError
from protocube_client.connection.unreachable import ConnectionRefused, cannot_connect
from protocube_client.resource.aggregate import Aggregate
from protocube_client.resource.error_text import lines
from protocube_client.resource.source_errors import add_source_to_error


def _invalid(*messages: str, kind: str = "Pod", name: str = "x") -> errors.Invalid:
    violations = [
        errors.Violation(field=f"f{message}", reason="R", message=message) for message in messages
    ]
    return errors.invalid(kind, name, violations)


REFUSED = "The connection to the server h:1 was refused - did you specify the right host or port?"
PLAIN, OTHER = ManifestError("boom"), ManifestError("two\nlines")
EXISTS = errors.already_exists("pods", "x")

CASES: list[tuple[Exception, list[str]]] = [
    (PLAIN, ["error: boom"]),
    (ManifestError("error: boom"), ["error: boom"]),
    (OTHER, ["error: two", "lines"]),
    (EXISTS, ['Error from server (AlreadyExists): pods "x" already exists']),
    (errors.Unavailable("down"), ["Error from server (ServiceUnavailable): down"]),
    (errors.Unauthenticated("no"), ["error: You must be logged in to the server (no)"]),
    (ConnectionRefused(REFUSED), [REFUSED]),
    (cannot_connect("h: why"), ["Unable to connect to the server: h: why"]),
    (_invalid("a"), ['The Pod "x" is invalid: fa: a']),
    (_invalid("a", kind="Deployment.apps"), ['The Deployment "x" is invalid: fa: a']),
    (_invalid("a", "b", "a"), ['The Pod "x" is invalid: ', "* fa: a", "* fb: b"]),
    (errors.Invalid("m", resource="Pod", name="x"), ['The Pod "x" is invalid']),
    (errors.Invalid("m"), ["The request is invalid: m"]),
    # One error in a wrapping is itself; two of them in one are one of many.
    (Aggregate([EXISTS]), ['Error from server (AlreadyExists): pods "x" already exists']),
    (Aggregate([_invalid("a")]), ['The Pod "x" is invalid: fa: a']),
    (Aggregate([Aggregate([PLAIN])]), ["boom"]),
    (
        Aggregate([EXISTS, PLAIN, _invalid("a"), Aggregate([OTHER])]),
        [
            'Error from server (AlreadyExists): pods "x" already exists',
            "boom",
            'Error from server (Invalid): Pod "x" is invalid: fa: a',
            "two",
            "lines",
        ],
    ),
    (
        Aggregate([EXISTS, PLAIN, PLAIN]),
        ['Error from server (AlreadyExists): pods "x" already exists', "boom", "boom"],
    ),
    (
        Aggregate([EXISTS, Aggregate([PLAIN, Aggregate([PLAIN, EXISTS])])]),
        [
            'Error from server (AlreadyExists): pods "x" already exists',
            '[boom, pods "x" already exists]',
        ],
    ),
    (Aggregate([ConnectionRefused(REFUSED), PLAIN, ConnectionRefused(REFUSED)]), [REFUSED, "boom"]),
    (
        Aggregate([cannot_connect("h: why"), PLAIN, cannot_connect("h: why")]),
        ["Unable to connect to the server: h: why", "boom"],
    ),
    (
        PermissionError(errno.EACCES, "Permission denied", "x.env"),
        ["error: open x.env: permission denied"],
    ),
    (OSError(errno.ENOSPC, "No space left on device"), ["error: no space left on device"]),
]


@pytest.mark.parametrize(("error", "text"), CASES)
def test_an_error_is_printed_as_kubectl_prints_it(error: Exception, text: list[str]) -> None:
    """Alone, as a list of violations, or a line each; nested ones in brackets."""
    assert lines(error) == text


def test_the_source_is_named_and_the_kind_of_error_kept() -> None:
    """An API error keeps its class and details, another becomes an error of the input."""
    named = add_source_to_error("creating", "x.yaml", _invalid("a"))
    assert isinstance(named, errors.Invalid)
    assert str(named) == 'error when creating "x.yaml": Pod "x" is invalid: fa: a'
    assert lines(named) == ['The Pod "x" is invalid: fa: a']
    assert lines(add_source_to_error("creating", "x.yaml", PLAIN)) == [
        'error: error when creating "x.yaml": boom'
    ]
    assert add_source_to_error("creating", "", EXISTS) is EXISTS
    for unreached in (ConnectionRefused(REFUSED), cannot_connect("h: why")):
        assert add_source_to_error("creating", "x.yaml", unreached) is unreached


def test_an_aggregate_needs_an_error() -> None:
    """An aggregate of nothing would be an error that says nothing."""
    with pytest.raises(ValueError, match="needs an error"):
        Aggregate([])
