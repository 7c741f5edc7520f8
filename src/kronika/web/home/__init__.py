"""The page a company begins with: what happened since one was last here, and how things stand."""
