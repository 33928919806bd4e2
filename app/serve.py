"""The command line that serves the app; `explorer demo` runs it."""

import sys
from pathlib import Path

MAIN = Path(__file__).with_name("main.py")


def command(runs: Path, port: int) -> list[str]:
    """Serve the app on this machine only, with the runs of a folder.

    The look comes from `.streamlit/config.toml` beside main.py.
    """
    return [
        *(sys.executable, "-m", "streamlit", "run", str(MAIN)),
        *("--server.port", str(port), "--server.address", "localhost"),
        *("--server.headless", "true", "--server.fileWatcherType", "none"),
        *("--browser.gatherUsageStats", "false"),
        *("--", str(runs)),
    ]
