"""minicloud: a miniature, Nova-compatible cloud controller."""
