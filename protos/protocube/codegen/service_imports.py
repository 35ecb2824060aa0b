"""What the files of typed services import, by what their kinds can do."""

from __future__ import annotations

from protocube.api.v1 import resource_pb2

IMPORTS = (
    "google/protobuf/field_mask.proto",
    "protocube/api/v1/resource.proto",
    "protocube/meta/v1/object_meta.proto",
    "protocube/meta/v1/requests.proto",
)
REVIEW_IMPORTS = ("protocube/meta/v1/requests.proto",)
"""What the service of a kind imports that is answered and not stored."""
SCALE_IMPORTS = (
    "protocube/autoscaling/v1/scale.proto",
    "protocube/autoscaling/v1/scale_requests.proto",
)
"""What the service of a kind with a number of replicas imports besides."""
EVICTION_IMPORTS = ("protocube/policy/v1/eviction_requests.proto",)
"""What the service of a kind whose objects can be evicted imports besides."""
BINDING_IMPORTS = ("protocube/core/v1/binding_requests.proto",)
"""What the service of a kind whose objects are assigned to others imports besides."""
TOKEN_IMPORTS = (
    "protocube/authentication/v1/token_request.proto",
    "protocube/authentication/v1/token_request_requests.proto",
)
"""What the service of a kind whose objects have tokens imports besides."""
_BY_SUBRESOURCE = {
    resource_pb2.SUBRESOURCE_SCALE: SCALE_IMPORTS,
    resource_pb2.SUBRESOURCE_EVICTION: EVICTION_IMPORTS,
    resource_pb2.SUBRESOURCE_BINDING: BINDING_IMPORTS,
    resource_pb2.SUBRESOURCE_TOKEN: TOKEN_IMPORTS,
}
ALL_IMPORTS = (*IMPORTS, *SCALE_IMPORTS, *EVICTION_IMPORTS, *BINDING_IMPORTS, *TOKEN_IMPORTS)
"""What some service imports."""


def of(resource: resource_pb2.Resource) -> list[str]:
    """Return what the service of a kind imports."""
    found = [*(REVIEW_IMPORTS if resource.review else IMPORTS)]
    for subresource in resource.subresources:
        found += _BY_SUBRESOURCE.get(subresource, ())
    return found
