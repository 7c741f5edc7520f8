"""The web application: pages from the server, which call the same actions and queries as the API."""
