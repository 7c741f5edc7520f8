"""What Kronika says of itself: `/openapi.json`, and `/docs` made from it."""
