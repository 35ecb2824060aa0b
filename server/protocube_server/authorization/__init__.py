"""What a user may do: Kubernetes' role-based access control, from the objects of its four kinds.

Nothing here knows who a caller is, or gRPC. Rights are asked for by stages of a call, not by verbs.
"""
