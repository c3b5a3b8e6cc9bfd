"""Files that ship with papernet: the symbol catalogue and the development accounts' keys, which are public by design."""
