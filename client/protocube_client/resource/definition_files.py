"""Which files hold the descriptors of kinds, or the text that they are compiled from."""

from __future__ import annotations

TEXT = ".proto"
IMAGES = (".binpb", ".protoset")
"""Serialized ``google.protobuf.FileDescriptorSet``s, as protoc, buf and grpcurl write them."""
SUFFIXES = (TEXT, *IMAGES)
