"""The contract of Protocube: its messages, its options and its errors."""

__version__ = "0.2.0"
