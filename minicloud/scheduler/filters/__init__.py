"""One filter a file; each is an expression over the columns of all hosts."""
