"""Elections of who has a duty, by every driver's store and by every database."""
