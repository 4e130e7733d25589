"""Bulletin Desk in a browser: ``python app.py``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from rag import files
from rag.admin.log_setup import configure
from rag.errors import RagError, SettingInvalid
from rag.settings import load


class _Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        raise SettingInvalid(message, remedy=f"Run: python {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the chat page until interrupted.

    Returns:
        The exit status: 0 done, 1 it couldn't be served, 2 unusable options.
    """
    parser = _Parser(prog="app.py", description="Bulletin Desk: questions to the bulletins, in a browser.")
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", help="the port to listen on (default: 7860)")
    parser.add_argument("--seeds", help="the folder of bulletins (default: seeds/)")
    parser.add_argument("--library", help="the folder of the built index (default: library/)")
    parser.add_argument("--ways", action="store_true", help="list every way into the desk and whose it is, then end")
    configure()
    files.keep_private()
    try:
        options = vars(parser.parse_args(argv))
        list_routes = options.pop("ways")
        settings = load(**options)
        # gradio takes five seconds to import: unusable options are reported before that
        from rag.web.route_audit import routes_text
        from rag.web.server import serve
        from rag.web.service import Service

        if list_routes:
            print(routes_text(Service(settings)))
        else:
            serve(Service(settings), settings.host, settings.port)
    except RagError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
