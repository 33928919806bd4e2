"""The wheel: built, installed into an empty environment and run from a folder of its own."""

import os
import socket
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"OMP_NUM_THREADS": "1"}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={out}", cwd=ROOT)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The bin folder of an environment with the wheel in it; what it needs is lent by this one."""
    home = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index")
    run(*pip, wheel, cwd=home)
    # A path in a .pth file does not have its own .pth files read: the clone itself is not lent.
    lent = next(home.glob("lib/*/site-packages")) / "lent.pth"
    lent.write_text(sysconfig.get_path("purelib"))
    return home / "bin"


def test_nothing_but_the_package_is_on_top(wheel):
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"explorer"}


def test_all_that_is_not_code_is_in_it(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    here = {f for f in (ROOT / "explorer").rglob("*") if f.is_file() and f.suffix != ".pyc"}
    assert {str(f.relative_to(ROOT)) for f in here} <= inside


def test_commands_run_from_the_wheel(installed, tmp_path):
    where = "import explorer; print(explorer.__file__)"
    assert "site-packages" in run(installed / "python", "-c", where, cwd=tmp_path)
    assert '"lam"' in run(
        installed / "explorer", "list", "estimators", "gae", "--json", cwd=tmp_path
    )


def test_the_app_starts_from_the_wheel(installed, tmp_path):
    (tmp_path / "app.py").write_text("raise RuntimeError('not this one')")
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [installed / "explorer", "demo", "--port", str(port)],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout and f"http://localhost:{port}/" in server.stdout.readline()
        assert any("URL: http" in line for line in server.stdout), "it ended before it served"
        health = urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=30)
        assert health.read() == b"ok"
    finally:
        server.terminate()
        server.communicate(timeout=30)


def test_the_pages_of_the_wheel_draw(installed, tmp_path):
    home = run(
        installed / "python", "-c", "from explorer import serve; print(serve.home())", cwd=tmp_path
    ).strip()
    draw = f"""
import sys
sys.path.insert(0, {home!r})
from streamlit.testing.v1 import AppTest
drawn = AppTest.from_file({home!r} + "/app/main.py", default_timeout=120).run()
print(*[error.value for error in drawn.exception], "drawn")
"""
    assert run(installed / "python", "-c", draw, cwd=tmp_path).strip() == "drawn"
