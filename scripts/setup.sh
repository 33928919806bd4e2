#!/bin/sh
# Make .venv and install the project with the named extras into it: scripts/setup.sh app
#
# uv does the work (ten times faster than pip, which only fetches uv); plain pip is the fallback.
# Where the machine's pip is set up to look somewhere (an index, a folder of wheels), uv looks
# there too. constraints.txt pins what was tested; PYTHON names another interpreter.
set -eu
cd "$(dirname "$0")/.."

for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "setup: needs Python 3.11 or newer; name one with PYTHON=/path/to/python3" >&2
    exit 2
fi

# A half-made .venv (no pip in it) is made again; a whole one is kept.
.venv/bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear .venv
pip=".venv/bin/python -m pip"

pip_setting() { # what pip would use, from its files or its environment; nothing if unset
    $pip config list 2>/dev/null | sed -n "s/^[a-z:.]*\.$1='\(.*\)'$/\1/p" | head -n 1
}

install_with_uv() {
    links=$(pip_setting find-links | sed 's/\\n/ /g; s/^ *//; s/ *$//; s/  */,/g')
    index=$(pip_setting index-url)
    [ -z "$links" ] || export UV_FIND_LINKS="${UV_FIND_LINKS:-$links}"
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    # Without wheels of its own the machine gets the torch build that fits it (CPU or its CUDA),
    # or, where that can't be fetched, the one of the index.
    if [ -z "${UV_FIND_LINKS:-}" ] && .venv/bin/uv pip install --quiet --python .venv/bin/python \
        --torch-backend="${UV_TORCH_BACKEND:-auto}" --constraint constraints.txt --editable ".[$1]"; then
        return
    fi
    .venv/bin/uv pip install --quiet --python .venv/bin/python \
        --constraint constraints.txt --editable ".[$1]"
}

echo "setup: installing into .venv ..."
if $pip install --quiet --disable-pip-version-check uv && install_with_uv "$1"; then
    exit 0
fi
echo "setup: uv could not do it, trying pip" >&2
$pip install --disable-pip-version-check --constraint constraints.txt --editable ".[$1]"
