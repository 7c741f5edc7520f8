"""The command `kronika`."""

from __future__ import annotations

import signal


def main() -> None:
    # Nothing is begun yet: Ctrl-C need only end the process, without a traceback of what is being loaded.
    on_ctrl_c = signal.getsignal(signal.SIGINT)
    if on_ctrl_c is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Imported late: worker processes import this module too, and have no use for the commands.
    from kronika.cli.commands import app  # noqa: PLC0415

    signal.signal(signal.SIGINT, on_ctrl_c)
    app()
