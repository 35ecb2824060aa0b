"""Where objects are kept: the contract, its two implementations and their keys."""
