"""Expiry: deletes what was not written for as long as it is to be kept.

- ``lifetimes``: how long the objects of a kind are kept
- ``marks``: which revision was the newest when; what a leader hands to the next one
- ``written``: what was written at which revision, oldest first
- ``aging``: follows what lies below one prefix, and has what is old enough removed
- ``objects``: deletes objects, by calls like those of others
- ``records``: removes records of requests with an id
- ``clock``: the time, and waiting for it
"""
