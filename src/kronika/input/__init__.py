"""From what a client sent to typed values: normalisation, then the rules of each field, all complaints at once."""
