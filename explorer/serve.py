"""Start the app in place of this process, wherever it lies: beside the package or in the wheel."""

import os
import socket
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

_HERE = Path(__file__).parent
_PORTS = 20


def app(runs: Path, run: str | None, port: int) -> None:
    """Serve the app; ends with it.

    Raises:
        ValueError: Streamlit is not installed, or no port is free.
    """
    if find_spec("streamlit") is None:
        raise ValueError("the app needs Streamlit; pip install 'advantage-explorer[app]'")
    folder = home()
    sys.path.insert(0, str(folder))
    command = import_module("app.serve").command(runs, free_port := free(port))
    # The folder that this was called from may hold an app.py of its own: keep it off the path.
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    print(f"http://localhost:{free_port}/" + (f"?run={run}" if run else ""), flush=True)
    os.execve(command[0], command, os.environ | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"})


def home() -> Path:
    """The folder that holds `app/`.

    Raises:
        ValueError: the package came without it.
    """
    for folder in (_HERE / "_app", _HERE.parent):
        if (folder / "app" / "main.py").is_file():
            return folder
    raise ValueError(f"{_HERE} came without the app; install the wheel or work in a clone")


def free(port: int) -> int:
    """The first port from `port` on at which nobody listens.

    Raises:
        ValueError: twenty are taken.
    """
    for candidate in range(port, port + _PORTS):
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", candidate)):
                return candidate
    raise ValueError(f"ports {port} to {port + _PORTS - 1} are taken; name another with --port")
