#!/bin/sh
# Finds a Python 3.11 to 3.14 that can make environments, and hands over to bootstrap.py.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$python" -c 'import ensurepip, sys, venv
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' </dev/null >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

install_python() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then
        root="env"
    elif sudo -n true 2>/dev/null; then
        root="sudo -n env"
    else
        echo "[sliders] Python is missing or incomplete. Please run this line, then start again:"
        echo "    sudo apt-get install python3 python3-venv"
        exit 1
    fi
    echo "[sliders] Installing python3 and python3-venv."
    install="apt-get install -y --no-install-recommends python3 python3-venv"
    $root DEBIAN_FRONTEND=noninteractive $install </dev/null || {
        $root apt-get update </dev/null
        $root DEBIAN_FRONTEND=noninteractive $install </dev/null
    }
}

if ! find_python && ! { install_python && find_python; }; then
    echo "[sliders] Sliders Desktop needs Python 3.11, 3.12, 3.13 or 3.14, and found none here."
    echo "          macOS: brew install python@3.13; older Linux: a python3.11 or newer beside your own."
    exit 1
fi
exec "$python" "$here/bootstrap.py" "$@"
