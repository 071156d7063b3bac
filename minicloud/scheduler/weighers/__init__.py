"""One weigher a file; each gives a number for every host."""
