"""Messages of key management plugins, and of what is sealed by one.

Field numbers and names are those of ``k8s.io/kms/apis/v2`` and of ``k8s.io/apiserver``
(``storage/value/encrypt/envelope/kmsv2/v2``): plugins and stored values know them.
"""
