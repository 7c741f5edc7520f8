"""A small company to try things on: a roastery with clients, suppliers, a case, and some months behind it."""

from kronika.demo.company import Demo, prepare_demo

__all__ = ["Demo", "prepare_demo"]
