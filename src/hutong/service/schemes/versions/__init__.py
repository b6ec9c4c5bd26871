"""What is kept of a scheme: its versions, trade-offs and outlooks."""
