"""A group of commands whose modules are loaded only when they are called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Lazy(click.Group):
    """The commands of a package: each is the `command` of its module, and has one line of words.

    So `landed --help` stays quick.
    """

    def __init__(self, *args: Any, package: str, known: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package, self._known = package, known

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Their names, in the order of the list."""
        return list(self._known)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Loads one."""
        if name not in self._known:
            return None
        module = importlib.import_module(f"{self._package}.{name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._known.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command that was called, or the one that was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches  # noqa: PLC0415 - only a slip of the keys needs it

            near = get_close_matches(args[0], self._known, 1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"{error.message}{meant}", ctx) from error
