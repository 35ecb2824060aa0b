"""Kinds that are defined by descriptors of protobuf."""
