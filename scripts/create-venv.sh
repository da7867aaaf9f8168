#!/usr/bin/env bash
# Creates .venv with the first Python >= 3.11 that can make one; PYTHON names another.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

if ! python=$(find_python); then
    if [ -z "${PYTHON:-}" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        scripts/system-packages.sh python3-venv
    fi
    if ! python=$(find_python); then
        echo "AnXin LMS needs Python 3.11 or later with its venv module, and found none." >&2
        echo "  Debian, Ubuntu:  sudo apt-get install python3-venv" >&2
        echo "  another Python:  make PYTHON=/path/to/python3.12 …" >&2
        exit 1
    fi
fi
"$python" -m venv --clear .venv
