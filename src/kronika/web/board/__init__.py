"""The board of business cases: its columns, its cards, and how both are moved."""
