#!/bin/sh
# The page's tests drive a real Chromium: $CHROMIUM, else the one on PATH, else Debian's, installed when root.
set -eu

if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] && exit 0
    echo "browser: CHROMIUM=$CHROMIUM is no program. Correct or unset it" >&2
    exit 1
fi
command -v chromium >/dev/null && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "browser: installing Debian's Chromium" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    # Without a font Chromium draws no text.
    apt-get install -y -qq --no-install-recommends chromium fonts-liberation </dev/null >&2
    exit 0
fi
echo "browser: the page's tests need Chromium. Type: sudo apt-get install chromium (or name one: make test CHROMIUM=/path/to/chromium)" >&2
exit 1
