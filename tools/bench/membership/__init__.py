"""What the benchmark of the service group is made of."""
