"""The command line, where a test needs what only it makes."""

from tests.commands.conftest import minyi

__all__ = ["minyi"]
