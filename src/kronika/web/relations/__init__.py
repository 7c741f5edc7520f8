"""Pages of contacts and business cases, and what stands beside their timelines."""
