"""Answers what expressions ask about the rights of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.authorization.attributes import Attributes
from protocube_server.calls.user import User
from protocube_server.cel.functions.authorizing import Answer

if TYPE_CHECKING:
    from protocube_server.authorization.authorizer import Authorizer
    from protocube_server.cel.functions.authorizing import May, Question


def everything(asked: Question) -> Answer:
    """Answer for a server on which everybody may do everything."""
    del asked
    return Answer(allowed=True, reason="")


def by(authorizer: Authorizer) -> May:
    """Return what answers by the roles and bindings."""

    def may(asked: Question) -> Answer:
        user = User(name=asked.user_name, uid=asked.user_uid, groups=asked.user_groups)
        attributes = Attributes(
            asked.verb,
            asked.group,
            asked.resource,
            asked.subresource,
            asked.namespace,
            asked.name,
            asked.path,
        )
        refused = authorizer.fault(user, attributes)
        return Answer(allowed=refused is None, reason="" if refused is None else refused.message)

    return may
