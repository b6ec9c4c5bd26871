"""The command line: ``hutong demo | new | info | check | plan | evolve | report``."""

from __future__ import annotations


def main() -> None:
    """Run the command line (the heavy imports wait until a command needs them)."""
    from hutong.cli.commands import app

    app()


__all__ = ["main"]
