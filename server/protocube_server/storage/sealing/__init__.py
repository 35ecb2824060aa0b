"""Encryption at rest: keys, which kinds they are for, and what a sealed value looks like.

The forms are Kubernetes' (``k8s.io/apiserver/pkg/storage/value``), and so is the file that names
the keys. :class:`protocube_server.storage.sealed.SealedStore` puts them around a store.
"""
