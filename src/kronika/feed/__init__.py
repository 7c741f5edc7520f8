"""What the invoicing system says: documents and payments, with what they leave on timelines, in one transaction."""
