"""What an event belongs to: the timeline of a client, a supplier or a business case."""
