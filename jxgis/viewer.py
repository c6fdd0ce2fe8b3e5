"""A site served on the loopback, for a reader whose browser refuses local files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jxgis.errors import InputError, OutputError
from jxgis.i18n import _

_LAST_PORT = 65535


def serve(folder: Path, port: int, say: Callable[[str], object]) -> None:
    """Serve a folder at 127.0.0.1 until it is interrupted.

    Parameters
    ----------
    folder
        A folder that jxgis wrote.
    port
        Port to listen on; 0 takes any that is free.
    say
        Called once with the address.

    Raises
    ------
    InputError
        If the folder holds no page, or there is no port of that number.
    OutputError
        If the port is taken.
    """
    if not 0 <= port <= _LAST_PORT:
        raise InputError(
            _("there is no port {port}").format(port=port),
            mend=_("Give one from 0 to {last}").format(last=_LAST_PORT),
        )
    pages = sorted(folder.glob("*.html"))
    if not pages:
        raise InputError(_("there is no page in this folder"), file=folder)
    start = "index.html" if (folder / "index.html") in pages else pages[0].name
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise OutputError(
            _("port {port} cannot be used: {error}").format(port=port, error=error.strerror),
            mend=_("Give another one with --port"),
        ) from None
    with server, suppress(KeyboardInterrupt):  # which is how a reader ends it
        say(f"http://127.0.0.1:{server.server_port}/{start}")
        server.serve_forever()
