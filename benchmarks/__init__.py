"""Measured programs, not tests: `make bench` prints what this machine does beside what its PostgreSQL can do."""
