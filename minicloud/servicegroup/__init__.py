"""Who is alive: members join groups, keep their place fresh, and others ask."""
