"""A real Keystone in place of the small identity service: what it needs to know of this cloud."""
