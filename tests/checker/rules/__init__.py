"""The invariants, by their first letter. Importing this registers them all."""

from . import compensation, delivery, durability, forward, ownership, races, rest, timers  # noqa: F401
