"""The app on a port of its own, as `explorer demo` serves it."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from app.serve import command


@contextlib.contextmanager
def served(runs: Path) -> Iterator[str]:
    """The address of the app while it serves the runs of a folder."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    with tempfile.NamedTemporaryFile() as log:
        server = subprocess.Popen(
            command(runs, port),
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(f"http://localhost:{port}/_stcore/health", server, Path(log.name))
            yield f"http://localhost:{port}/"
        finally:
            server.terminate()
            server.wait(10)


def _wait(address: str, server: subprocess.Popen, log: Path, seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.2)):
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(address) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(f"the app did not start in {seconds} s: {log.read_text()}")
