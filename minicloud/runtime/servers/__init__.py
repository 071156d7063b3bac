"""Private servers: RabbitMQ, databases and the like, for a cloud on one machine and for tests."""
