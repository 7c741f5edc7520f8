"""What this process counts, in memory that another process reads: docs/decisions/0018-metrics.md."""
