"""gRPC in and out: the only layer that knows status codes, metadata and contexts."""
