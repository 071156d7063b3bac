"""How many calls each caller may make: limits, levels, and where both are kept."""
