"""The end of kinds that came at run time: their objects go, and then their definition."""
