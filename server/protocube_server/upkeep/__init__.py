"""Work that a server does by itself, beside the calls: one file a worker.

- ``leadership``: of several servers on one store, one works for all
- ``term``: what a leader's workers write with
- ``compactor``: forgets old history
- ``readiness``: whether the store can be reached; each server's own
"""
