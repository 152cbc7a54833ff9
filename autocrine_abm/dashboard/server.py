"""The web server of the dashboard: Solara's, told to stay on this machine and to fetch nothing."""

import os
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from urllib.parse import quote

from autocrine_abm.errors import AutocrineError

__all__ = ["address_of", "free_port", "serve"]

_SETTINGS = {
    "SOLARA_APP": "autocrine_abm.dashboard.page",
    "SOLARA_MODE": "production",  # no watching of files
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_TITLE": "autocrine",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
    "SOLARA_KERNEL_CULL_TIMEOUT": "60s",  # a browser that vanishes without a word frees its model after that
}


def address_of(host, port, target=None):
    """The address of the page, with what it is to open: a shipped scenario, a file, or the folder of a run."""
    url = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}/"
    if target is None:
        return url
    path = Path(target)
    if path.is_dir():
        return f"{url}?run={quote(str(path.resolve()))}"
    return f"{url}?scenario={quote(str(path.resolve()) if path.is_file() else str(target))}"


def free_port(host, wanted):
    """`wanted` if nobody uses it, else a port that the system picks."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise AutocrineError(f"--host: cannot listen on '{host}'")


def serve(target=None, host="127.0.0.1", port=8765, browser=True, tell=print):
    """Serve the dashboard until interrupted.

    Parameters
    ----------
    target : str or path, optional
        What the page opens.
    host : str
    port : int
        Another one is taken if it is in use.
    browser : bool
        Whether to open a browser.
    tell : callable
        Told the address.

    Raises
    ------
    AutocrineError
        If Solara is not installed.
    """
    os.environ.update({name: value for name, value in _SETTINGS.items() if name not in os.environ})
    try:
        import uvicorn
        from solara.server.starlette import app
    except ImportError as error:
        raise AutocrineError(
            f"the dashboard needs the package '{error.name}'; install it with: pip install 'autocrine-abm[dashboard]'"
        ) from None
    sys.setswitchinterval(0.0005)  # s; painting and answers wait less for models that compute in Python
    port = free_port(host, port)
    url = address_of(host, port, target)

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            if self.started:
                tell(f"Dashboard: {url}   (Ctrl-C ends it)")
                threading.Thread(target=_warm_up, daemon=True).start()
                if browser:
                    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

    # pictures are compressed already: deflating them again took a fifth of a processor, and frames waited for it
    Server(uvicorn.Config(app, host=host, port=port, log_level="error", ws_per_message_deflate=False)).run()


def _warm_up():
    """Import what the first page will need, while its browser still starts."""
    import autocrine_abm.dashboard.page  # noqa: F401
