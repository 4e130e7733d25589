#!/bin/sh
# Asks a vulnerability service about every pin of requirements.lock, with pip-audit.  A known hole fails with its lines,
# and so does an answer that can't be read.  So does a service that can't be reached, but where AUDIT_UNREACHABLE is
# "tell": then one line says that nothing was looked up.  AUDIT_UNREACHABLE, AUDIT_URL (a service that speaks as OSV
# does), AUDIT_LOCK and AUDIT_SECONDS (for one answer) come from the Makefile.
set -eu
cd -- "$(dirname -- "$0")/.."

lock=${AUDIT_LOCK:-requirements.lock}
url=${AUDIT_URL:-https://api.osv.dev/v1/query}
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
trap 'exit 130' INT TERM

# What a local build is (torch's +cpu) the lock doesn't say, and nothing need be resolved or installed.
status=0
.venv/bin/python -m pip_audit --requirement "$lock" --no-deps --disable-pip --strict --progress-spinner off \
    --vulnerability-service osv --osv-url "$url" --timeout "${AUDIT_SECONDS:-10}" --cache-dir "$scratch/cache" \
    >"$scratch/out" 2>"$scratch/err" || status=$?

if [ $status = 0 ]; then
    echo "audit: no known hole in the $(grep -c '^[^ #].*==' "$lock") packages of $lock"
    exit 0
fi
last=$(tail -n 1 -- "$scratch/err")
case $last in
*requests.exceptions.ConnectionError:* | *requests.exceptions.ConnectTimeout:* | *requests.exceptions.ReadTimeout:* | \
    *requests.exceptions.ProxyError:* | *"your network may be blocking this service"*)
    told="$url can't be reached, so the packages of $lock were not looked up for known holes"
    if [ "${AUDIT_UNREACHABLE:-fail}" = tell ]; then
        echo "audit: NOT LOOKED UP: $told" >&2
        exit 0
    fi
    echo "audit: $told. Give make AUDIT_UNREACHABLE=tell to go on without" >&2
    exit 1
    ;;
esac
if [ -s "$scratch/out" ]; then
    cat -- "$scratch/err" "$scratch/out" >&2
    echo "audit: raise what is named above in pyproject.toml and run make lock" >&2
else
    echo "audit: the packages of $lock could not be looked up at $url: $last" >&2
fi
exit 1
