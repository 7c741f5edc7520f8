"""The timeline and its composer, events one by one, and what appears live."""
