"""What the store holds, kept ready for readers: recent events, and the objects of a kind.

Correctness rests on the store alone. Whatever this package cannot answer, or cannot
prove to be the newest, is read from the store.
"""

from protocube_server.cache.cache import Cache
from protocube_server.cache.selection import Selection

__all__ = ["Cache", "Selection"]
