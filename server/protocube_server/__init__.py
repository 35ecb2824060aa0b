"""``cube-apiserver``: typed gRPC services over a revisioned store."""
