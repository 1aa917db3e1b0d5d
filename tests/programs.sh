#!/bin/sh
# Makes sure that the programs the tests need are there: a browser and PostgreSQL. As root it installs what is
# missing; otherwise it says what to install, and in CI that is an error: nothing is skipped there.
set -u

has_browser() {
    [ -n "${SSA_CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser || command -v google-chrome ||
        ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium*/chrome-linux*/chrome
}
has_postgres() {
    [ -n "${SSA_TEST_PG_URL:-}" ] || command -v initdb || ls /usr/lib/postgresql/*/bin/initdb
}
installed_list_read=no
install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    [ $installed_list_read = yes ] || apt-get update -qq || return 1
    installed_list_read=yes
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

has_browser >/dev/null 2>&1 || install chromium || .venv/bin/playwright install chromium
has_postgres >/dev/null 2>&1 || install postgresql

missing=0
has_browser >/dev/null 2>&1 || { echo "The tests need a browser: install chromium, or name one in SSA_CHROMIUM." >&2; missing=1; }
has_postgres >/dev/null 2>&1 || { echo "The tests need PostgreSQL: install postgresql, or name a server in SSA_TEST_PG_URL." >&2; missing=1; }
exit $missing
