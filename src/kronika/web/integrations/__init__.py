"""Pages for programs: tokens, sandboxes, webhooks and what was sent to them."""
