"""A news site on loopback: four well-behaved sites shaped like real themes, and one that misbehaves."""

from tests.newsroom.server import Newsroom, Served, answer, saved_pages

__all__ = ["Newsroom", "Served", "answer", "saved_pages"]
