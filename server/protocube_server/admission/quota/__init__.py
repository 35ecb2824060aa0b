"""ResourceQuota: what the objects of a namespace may use together.

What is used stands in the status of the quota, which is written in the set of the object that uses
it, on the condition that nobody else has changed it. So it is exact, however many servers write.
"""
