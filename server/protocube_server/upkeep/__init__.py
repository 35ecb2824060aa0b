"""Work that a server does by itself, beside the calls: one file or folder a worker.

- ``leadership``: of several servers on one store, one works for all
- ``term``: what a leader's workers write with
- ``compactor``: forgets old history
- ``expiry``: deletes what is kept for so long: events, and records of requests with an id
- ``namespaces``: empties and removes those that are being deleted
- ``collector``: deletes what has no owner any more
- ``readiness``: whether the store can be reached; each server's own
"""
