"""A call before it runs: who calls, with which verb, for which object, and the stages it meets.

This layer knows neither gRPC nor what a verb does. The edge makes calls of what comes over
the wire; callers in this process make them with a system user.
"""
