"""The collector: deletes what has no owner any more, as Kubernetes' garbage collector does.

- ``worker``: during a term, reads all objects, follows what happens to them, and makes attempts
- ``observed``: what of an object matters here
- ``graph``: owners and dependents, and which of them need an attempt after a change
- ``attempts``: the queue of those
- ``collecting``: one attempt: judges the owners as the store has them, and acts
- ``objects``: reads and changes objects; changes are calls like those of others
"""
