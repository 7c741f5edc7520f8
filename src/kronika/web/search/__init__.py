"""The search over everything: a page of results, and what hangs below the box as one writes."""
