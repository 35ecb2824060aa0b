"""Sees at little cost that a message keeps the contract's rules, so that most need no more.

The rules of a message type become Python once: what is cheap to judge is judged there, fields that
are not set cost next to nothing, and what Python cannot judge exactly as protovalidate does counts
as not seen. So a message passes here only if protovalidate finds nothing wrong with it. All
others are left to protovalidate, and what is told of them is its own.
"""
