"""The error taxonomy, and Kubernetes' way to write texts."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from protocube import errors
from protocube.errors import Violation

_VIOLATIONS = (
    Violation(field="spec.containers[0].name", reason="FieldValueRequired", message="Required"),
    Violation(field="metadata.labels", reason="FieldValueInvalid", message='Invalid value: "ü"'),
    Violation(field="", reason="FieldValueForbidden", message="Forbidden: no"),
)


@pytest.mark.parametrize("kind", errors.TABLE, ids=lambda kind: kind.__name__)
def test_every_class_goes_round(kind: type[errors.ApiError]) -> None:
    """A status rebuilds the exception it was made of: class, sentence and all details."""
    rows: tuple[dict[str, Any], ...] = (
        {},
        {"resource": "pods", "name": "a"},
        {"violations": _VIOLATIONS},
        {"retry_after": 0.0},
        {"continue_token": "abc"},
        {"resource": "Pod", "name": "a", "violations": _VIOLATIONS, "retry_after": 1.001},
    )
    for details in rows:
        error = kind("a sentence: ü", **details)
        status = errors.to_status(error)
        assert status.code == kind.code
        assert status.message == "a sentence: ü"
        again = errors.from_status(status_pb2.Status.FromString(status.SerializeToString()))
        assert type(again) is kind
        assert vars(again) == vars(error)
        assert str(again) == "a sentence: ü"


def test_a_class_of_the_server_alone_is_told_as_the_one_above_it() -> None:
    """Clients know the table, and no more."""

    class Within(errors.Unavailable):
        pass

    assert type(errors.from_status(errors.to_status(Within("gone")))) is errors.Unavailable


def test_the_table_is_complete_and_distinct() -> None:
    """Every subclass is in the table, once, with its own name: names are what is sent."""

    def below(kind: type[errors.ApiError]) -> set[type[errors.ApiError]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    ours = {kind for kind in below(errors.ApiError) if kind.__module__ == errors.__name__}
    assert set(errors.TABLE) == ours - {errors.ApiError}
    assert len(errors.TABLE) == len(set(errors.TABLE))


def test_the_docstring_tells_the_codes() -> None:
    """The picture at the top of the module is the table."""
    from google.rpc import code_pb2

    lines = (errors.__doc__ or "").splitlines()
    told = dict(line.split()[:2] for line in lines if line.startswith("      "))
    assert told == {kind.__name__: code_pb2.Code.Name(kind.code) for kind in errors.TABLE}


@pytest.mark.parametrize("error", [RuntimeError("secret"), KeyError("secret"), BaseException("x")])
def test_the_text_of_another_exception_is_not_sent(error: BaseException) -> None:
    """What is no error of the API is internal, and says nothing else."""
    status = errors.to_status(error)
    assert (status.code, status.message) == (13, "internal error")
    assert b"secret" not in status.SerializeToString()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1, errors.Internal),
        (2, errors.Internal),
        (3, errors.BadRequest),
        (4, errors.Timeout),
        (5, errors.NotFound),
        (6, errors.AlreadyExists),
        (7, errors.Forbidden),
        (8, errors.TooLarge),
        (9, errors.Internal),
        (10, errors.Conflict),
        (11, errors.Expired),
        (12, errors.MethodNotSupported),
        (13, errors.Internal),
        (14, errors.Unavailable),
        (15, errors.Internal),
        (16, errors.Unauthenticated),
        (99, errors.Internal),
    ],
)
def test_a_foreign_status_gets_what_its_code_allows(code: int, kind: type[errors.ApiError]) -> None:
    """A status of a proxy or of gRPC claims no more than it says, with foreign details or none."""
    for domain in ("", "example.com"):
        status = status_pb2.Status(code=code, message="m")
        if domain:
            info = error_details_pb2.ErrorInfo(reason="OutcomeUnknown", domain=domain)
            status.details.add().Pack(info)
        found = errors.from_status(status)
        assert type(found) is kind
        assert found.message == "m"


def test_a_reason_of_a_newer_server_gets_what_its_code_allows() -> None:
    """A class that this client does not know yet is read by its code."""
    status = status_pb2.Status(code=5, message="m")
    status.details.add().Pack(
        error_details_pb2.ErrorInfo(reason="GoneFishing", domain=errors.DOMAIN)
    )
    assert type(errors.from_status(status)) is errors.NotFound


def test_damaged_details_are_passed_over() -> None:
    """Details that cannot be read do not hide the error that they belong to."""
    details = [
        any_pb2.Any(type_url=f"type.googleapis.com/google.rpc.{name}", value=b"\xff\xff")
        for name in ("ErrorInfo", "BadRequest", "RetryInfo")
    ]
    status = status_pb2.Status(code=5, message="m", details=details)
    found = errors.from_status(status)
    assert type(found) is errors.NotFound
    assert found.message == "m"


def test_a_delay_is_whole_milliseconds() -> None:
    """The delay is what google.rpc.RetryInfo can say of it."""
    status = errors.to_status(errors.TooManyRequests("m", retry_after=1.5))
    retry = error_details_pb2.RetryInfo()
    assert status.details[-1].Unpack(retry)
    assert retry.retry_delay == duration_pb2.Duration(seconds=1, nanos=500_000_000)


def test_sentences_are_kubernetes() -> None:
    """What the helpers say is what kubectl prints."""
    one, two = _VIOLATIONS[0], _VIOLATIONS[2]
    for error, said in (
        (errors.not_found("pods", "x"), 'pods "x" not found'),
        (errors.already_exists("pods", "x"), 'pods "x" already exists'),
        (errors.conflict("pods", "x", "y"), 'Operation cannot be fulfilled on pods "x": y'),
        (errors.forbidden("pods", "x", "y"), 'pods "x" is forbidden: y'),
        (
            errors.invalid("Pod", "x", [one]),
            'Pod "x" is invalid: spec.containers[0].name: Required',
        ),
        (
            errors.invalid("Pod", "x", [one, two, one]),
            'Pod "x" is invalid: [spec.containers[0].name: Required, Forbidden: no]',
        ),
    ):
        assert str(error) == error.message == said
        assert error.name == "x"


def test_another_sentence_keeps_the_rest() -> None:
    """``with_message`` changes the sentence and nothing else."""
    error = errors.Invalid("a", resource="r", name="n", violations=_VIOLATIONS, retry_after=2)
    other = error.with_message("b")
    assert type(other) is errors.Invalid
    assert vars(other) == vars(error) | {"message": "b"}
    assert str(other) == "b"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ("plain", '"plain"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("\a\b\f\n\r\t\v", r'"\a\b\f\n\r\t\v"'),
        ("\0\x1f\x7f", r'"\x00\x1f\x7f"'),
        ("'", '"\'"'),
        ("grün 日本 😀", '"grün 日本 😀"'),
        ("\u00a0\u2028\u200b\ufeff", r'"\u00a0\u2028\u200b\ufeff"'),
        ("\u0085\u00ad", r'"\u0085\u00ad"'),
        ("\U000e0001", r'"\U000e0001"'),
        ("e\u0301", '"e\u0301"'),
    ],
)
def test_quotes_as_go_does(text: str, quoted: str) -> None:
    """``%q`` of Go: escapes what does not print, leaves the rest."""
    assert errors.quote(text) == quoted
