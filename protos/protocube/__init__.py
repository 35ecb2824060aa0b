"""The contract of Protocube: its messages, its options and its errors."""

__version__ = "0.1.0"
