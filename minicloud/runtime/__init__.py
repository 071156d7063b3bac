"""Clock, loops, threads, processes: everything that is not a pure function of its arguments."""
