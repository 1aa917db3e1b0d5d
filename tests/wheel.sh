#!/bin/sh
# Builds the wheel, installs it into an environment of its own away from the checkout, and lets it serve a page.
set -eu
root=$(pwd)
uv="$root/.venv/bin/uv"
export UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never
work=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

"$root/.venv/bin/python" -m hatchling build -t wheel -d "$work/dist" >/dev/null
"$uv" venv --quiet --python "$root/.venv/bin/python" "$work/venv"
"$uv" pip install --quiet --python "$work/venv/bin/python" --require-hashes -r "$root/requirements.txt"
"$uv" pip install --quiet --python "$work/venv/bin/python" --no-deps "$work"/dist/*.whl
cd "$work"
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$work/venv/bin/ssa" demo --data "$work/demo" --port "$port" --cohort 3 >"$work/log" 2>&1 &
server=$!
"$work/venv/bin/python" - "$port" <<'PAGE'
import sys, time, urllib.request
from urllib.error import URLError

base = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(120):
    try:
        page = urllib.request.urlopen(f"{base}/signin").read().decode()
        break
    except URLError:
        time.sleep(0.5)
else:
    sys.exit("The installed wheel served no page within a minute.")
assert "<h1" in page and "candidate@example.org" in page, page
style = page.split('rel="stylesheet" href="')[1].split('"')[0]
assert urllib.request.urlopen(base + style).status == 200, style
asked = urllib.request.Request(f"{base}/signin", headers={"Accept-Language": "es"})
spanish = urllib.request.urlopen(asked).read().decode()
assert '<html lang="es"' in spanish and "Contraseña" in spanish, spanish
print("The installed wheel serves its sign-in page, its style and its other language.")
PAGE
