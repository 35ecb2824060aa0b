"""What it costs to know a caller and to decide, in this process: no call goes anywhere."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final

from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.tokens import Tokens
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.authorizer import Authorizer
from protocube_server.authorization.rights import Rights
from protocube_server.authorization.roles import Binding, Key, Role
from protocube_server.authorization.rules import Rule
from protocube_server.authorization.subjects import Subject
from protocube_server.calls.user import User
from tests.bench import rows
from tests.bench.figures import SQLITE
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.bench.subjects import Subject as Measured

BINDINGS: Final = 5000
_ROLES: Final = 300
_USERS: Final = 500
_NAMESPACES: Final = 500
_TURNS: Final = 20_000
_TIMES: Final = 5
_RESOURCES: Final = tuple(f"things{number}" for number in range(50))


def steps() -> Iterator[Step]:
    """Yield the step."""
    yield Step(row=rows.RIGHTS, subjects=(SQLITE,), measure=_measure, loads=False, once=True)


def _measure(setting: Setting, subject: Measured) -> None:
    setting.results.add(rows.RIGHTS, subject.name, measured())


def measured(turns: int = _TURNS) -> dict[str, float]:
    """Return microseconds of CPU for each figure of the row: the least of several times."""
    draw = random.Random(1)
    authorizer = Authorizer(_rights(draw))
    authorizer.is_current = True
    groups = [f"g{number}" for number in range(200)]
    users = [
        User(name=f"u{number}", groups=(*draw.sample(groups, 4), "system:authenticated"))
        for number in range(200)
    ]
    refused = [(user, _asked("delete", draw)) for user in users]
    allowed = [
        (user, asked)
        for user in users
        for asked in (_asked("get", draw) for _ in range(10))
        if authorizer.rights.decide(user, asked).allowed
    ]
    tokens = {f"{number:040}": User(name=f"u{number}") for number in range(1000)}
    shown = [(f"Bearer {token}",) for token in tokens]
    known = Authenticator(tokens=Tokens(tokens))
    for (entry,) in shown:
        known.at_once(entry)
    for user, asked in allowed:
        authorizer.require(user, asked)
    again = [(user, asked.question, asked.namespace) for user, asked in allowed]
    return {
        "refused": _cost(authorizer.rights.decide, refused, turns),
        "allowed": _cost(authorizer.rights.decide, allowed, turns),
        "again": _cost(authorizer.has_allowed, again, turns),
        "identity": _cost(known.proven_by, shown, turns),
    }


def _cost(function: Callable[..., Any], cases: Sequence[tuple[Any, ...]], turns: int) -> float:
    found = []
    for _ in range(_TIMES):
        begun = time.process_time()
        for number in range(turns):
            function(*cases[number % len(cases)])
        found.append((time.process_time() - begun) / turns * 1e6)
    return min(found)


def _asked(verb: str, draw: random.Random) -> Attributes:
    place = f"n{draw.randrange(_NAMESPACES)}"
    return Attributes(verb, "", draw.choice(_RESOURCES), "", place, "x")


def _rights(draw: random.Random) -> Rights:
    """Return the rights of many bindings, a twentieth of them everywhere."""
    rights = Rights()
    _fill(rights, draw)
    return rights


def of_one_among_many(name: str) -> Rights:
    """Return the rights of many bindings, and one that lets a user create everything."""
    rights = _rights(random.Random(1))
    rule = Rule(verbs=("create",), api_groups=("",), resources=("*",))
    role = Key("", "creates")
    rights.put_role(role, Role(rules=(rule,)))
    subject = frozenset((Subject("User", name),))
    rights.put_binding(Binding(key=role, role=role, subjects=subject))
    return rights


def _fill(rights: Rights, draw: random.Random) -> None:
    for number in range(_ROLES):
        rules = tuple(
            Rule(
                verbs=("get", "list"),
                api_groups=("",),
                resources=tuple(draw.sample(_RESOURCES, 4)),
            )
            for _ in range(5)
        )
        rights.put_role(Key("", f"r{number}"), Role(rules=rules))
    for number in range(BINDINGS):
        place = f"n{draw.randrange(_NAMESPACES)}" if number % 20 else ""
        subject = Subject("User", f"u{draw.randrange(_USERS)}")
        if number % 2:
            subject = Subject("Group", f"g{draw.randrange(200)}")
        role = Key("", f"r{draw.randrange(_ROLES)}")
        rights.put_binding(
            Binding(key=Key(place, f"b{number}"), role=role, subjects=frozenset((subject,)))
        )
