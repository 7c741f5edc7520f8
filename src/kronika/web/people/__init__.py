"""Pages of who uses this and of where: signing in, the account, the company and its users."""
