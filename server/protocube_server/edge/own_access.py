"""``protocube.access.v1.Access``: what callers may do, and why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.access.v1 import access_pb2, access_pb2_grpc
from protocube_server.authorization import reviews, subjects
from protocube_server.edge import callers

if TYPE_CHECKING:
    from protocube_server.authorization.attributes import Attributes
    from protocube_server.authorization.near_misses import NearMiss
    from protocube_server.authorization.own_rights import OwnRights
    from protocube_server.authorization.rules import Rule

SERVICE_NAME: str = access_pb2.DESCRIPTOR.services_by_name["Access"].full_name

_NEEDS_NO_ROLE: Final = "the group system:masters may do everything"
_MOST: Final = 50
"""Entries of each list of a rule that are told."""
_NO_ROLES: Final = "the server asks nobody for rights"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccess(access_pb2_grpc.AccessServicer):
    """Answers each caller about itself."""

    rights: OwnRights | None
    """``None`` where everybody may do everything."""

    async def Explain(  # noqa: N802  # gRPC's name
        self, request: access_pb2.ExplainRequest, context: Any
    ) -> access_pb2.ExplainResponse:
        """Tell why something is allowed, or what is missing."""
        del context
        user, asked = callers.user(), _asked(request)
        answer = access_pb2.ExplainResponse(user=user.name, groups=user.groups, allowed=True)
        if self.rights is None:
            answer.reason = _NO_ROLES
            return answer
        decision = self.rights.decide(user, asked)
        if decision is None:
            answer.reason = _NEEDS_NO_ROLE
        elif decision.allowed:
            answer.reason = decision.reason
        else:
            answer.allowed = False
            answer.near.extend(map(_near, await self.rights.near_misses(user, asked)))
        return answer

    async def ListNamespaces(  # noqa: N802  # gRPC's name
        self, request: access_pb2.ListNamespacesRequest, context: Any
    ) -> access_pb2.ListNamespacesResponse:
        """Tell in which namespaces something is allowed."""
        del context
        if not request.HasField("resource_attributes"):
            raise errors.BadRequest("the request has no resource attributes")
        asked = reviews.of_resource(request.resource_attributes)
        found = await self.rights.namespaces(callers.user(), asked) if self.rights else None
        if found is None:
            return access_pb2.ListNamespacesResponse(everywhere=True)
        return access_pb2.ListNamespacesResponse(namespaces=found)


def _asked(request: access_pb2.ExplainRequest) -> Attributes:
    given = [request.HasField(each) for each in ("resource_attributes", "non_resource_attributes")]
    if sum(given) != 1:
        raise errors.BadRequest("the request needs attributes of a resource, or of none")
    return reviews.attributes(request)


def _near(miss: NearMiss) -> access_pb2.NearMiss:
    binding, rule = miss.binding, miss.rule
    found = access_pb2.NearMiss(
        binding=binding.key.name,
        namespace=binding.key.namespace,
        subject=subjects.described(miss.subject),
        role_kind="Role" if binding.role.namespace else "ClusterRole",
        role=binding.role.name,
        gaps=[access_pb2.Gap.ValueType(gap) for gap in miss.gaps],
    )
    if rule is not None and rule.resources:
        reviews.write_rule(found.rule, _short(rule))
    elif rule is not None:
        reviews.write_path_rule(found.path_rule, _short(rule))
    return found


def _short(rule: Rule) -> Rule:
    """Return a rule with the beginnings of its lists, of which each can be as long as a role."""
    return replace(
        rule,
        verbs=rule.verbs[:_MOST],
        api_groups=rule.api_groups[:_MOST],
        resources=rule.resources[:_MOST],
        resource_names=rule.resource_names[:_MOST],
        non_resource_urls=rule.non_resource_urls[:_MOST],
    )
