"""The stages of a call that ask for the caller's rights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from protocube_server.authorization import texts
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.roles import GROUP
from protocube_server.calls.user import MASTERS
from protocube_server.kinds import encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.authorization.authorizer import Authorizer
    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind

    Asked = Callable[[Call], Attributes]

DECISION: Final = "authorization.k8s.io/decision"
"""The annotation of audit records that tells whether a call was allowed."""
_OF_MANY: Final = ("list", "watch", "deletecollection")


class Known:
    """Refuses a large request of a user who may not use the verb for the kind at all, unread.

    Small ones are cheap to read, and are refused by :class:`Authorized` with all that they name.
    """

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See :class:`~protocube_server.calls.chain.Stage`."""
        if not verb.writes:
            return following
        authorizer, resource = self._authorizer, kind.resource
        asked = Attributes(verb.word, resource.group, resource.plural, verb.subresource)

        def handle(call: Call) -> Any:
            user = call.user
            if len(call.raw) <= encoded.SMALL or MASTERS in user.groups:
                return following(call)
            may = authorizer.rights.may_at_all(user, verb.word, resource.group, resource.plural)
            if authorizer.is_current and not may:
                call.annotate(DECISION, "forbid")
                raise texts.forbidden_everywhere(user, asked)
            return following(call)

        return handle


class Authorized:
    """Refuses a user who may not do this to the target.

    A stream goes on as long as the user may.
    """

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See :class:`~protocube_server.calls.chain.Stage`."""
        authorizer, asked_by = self._authorizer, _asked(kind, verb)
        require, reason, has_allowed = authorizer.require, authorizer.reason, authorizer.has_allowed
        question = _question(kind, verb)
        writes_rights = verb.writes and kind.resource.group == GROUP

        def handle(call: Call) -> Any:
            if (
                question is not None
                and call.annotations is None
                and call.standing is None
                and has_allowed(call.user, question, call.target.namespace)
            ):
                return following(call)
            if MASTERS not in call.user.groups:
                asked = asked_by(call)
                if call.annotations is not None:
                    why = partial(reason, call.user, asked)
                    # What is written may take away what allowed it.
                    call.reason = partial(str, why()) if writes_rights else why
                    call.annotate(DECISION, "forbid")
                require(call.user, asked, call.standing)
            call.annotate(DECISION, "allow")
            return following(call)

        return handle


def _question(kind: Kind, verb: Verb) -> str | None:
    """Return what all calls of a kind's method ask for; ``None`` where it is not the same for all.

    A namespace lies in itself, so that its name is asked for.
    """
    if verb.part is not None or kind.is_namespace:
        return None
    resource = kind.resource
    return Attributes(verb.word, resource.group, resource.plural, verb.subresource).question


def _asked(kind: Kind, verb: Verb) -> Asked:
    """Return what tells what a call of a kind's method asks for.

    As in Kubernetes a create has no name, a list or watch by one name has it, and a namespace lies
    in itself.
    """
    word, part, resource = verb.word, verb.part, kind.resource
    of_many = word in _OF_MANY
    is_nameless = word == "create" and not verb.subresource
    group, plural, fixed = resource.group, resource.plural, verb.subresource
    in_itself = kind.is_namespace and not of_many and not is_nameless

    def asked(call: Call) -> Attributes:
        namespace, name = call.target
        if is_nameless:
            name = ""
        elif of_many and word != "deletecollection":
            name = _selected_name(call)
        if in_itself:
            namespace = name
        return Attributes(
            word, group, plural, part(call.request) if part else fixed, namespace, name
        )

    return asked


def _selected_name(call: Call) -> str:
    """Return the name of the one object that a field selector asks for; empty for others."""
    text = call.request.field_selector
    if not text:
        return ""
    return call.kind.field_selector(text).value_of("metadata.name") or ""
