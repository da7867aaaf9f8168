#!/usr/bin/env bash
# Makes sure that the named Debian packages are there: installs them as root, else says what to do and fails.
# Without names: what the tests and the screenshots need.
set -euo pipefail
exec </dev/null

if [ $# -eq 0 ]; then
    # libatomic1: Playwright brings a driver that needs it, and a bare Debian lacks it
    set -- chromium fonts-noto-cjk libatomic1 poppler-utils qpdf
fi

# A program or a font of the same use counts, wherever it comes from.
is_there() {
    case "$1" in
        fonts-noto-cjk)
            if command -v fc-list >/dev/null; then
                [ -n "$(fc-list :lang=zh-cn family)" ]
            else
                compgen -G '/usr/share/fonts/*/noto/*CJK*' >/dev/null
            fi
            ;;
        libatomic1) compgen -G '/usr/lib*/libatomic.so.1' >/dev/null || compgen -G '/usr/lib/*/libatomic.so.1' >/dev/null ;;
        poppler-utils) command -v pdftotext >/dev/null && command -v pdffonts >/dev/null ;;
        python3-venv) python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

missing=()
for package in "$@"; do
    is_there "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]} (names of Debian packages). Install them with this system's package manager." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Missing: ${missing[*]}. Install them, then try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi

echo "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
bounds=(-qq -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=120)
# One list that cannot be fetched must not stop us: the packages may be in the others.
timeout 180 apt-get "${bounds[@]}" update || echo "apt-get update reported errors; going on" >&2
log=$(mktemp)
if ! timeout 600 apt-get "${bounds[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "apt-get could not install: ${missing[*]}" >&2
    exit 1
fi
rm -f "$log"

for package in "${missing[@]}"; do
    if ! is_there "$package"; then
        echo "$package is installed but does not do its job here" >&2
        exit 1
    fi
done
