"""The Scale of an object that lacks what the Scale is read from."""

from __future__ import annotations

from typing import Any

from protocube.catalog import Catalog
from protocube_server.kinds.scales import Scales


def test_what_an_object_lacks_is_none_in_its_scale() -> None:
    """A kind of one's own may have neither a spec nor a status: no replicas and no selector."""
    resource = Catalog.shipped().find("deployments")
    assert resource is not None
    message: Any = resource.message_class()
    message.metadata.name = "d"
    scale = Scales(resource).of(message)
    assert scale.metadata.name == "d"
    assert (scale.spec.replicas, scale.status.replicas, scale.status.selector) == (0, 0, "")
