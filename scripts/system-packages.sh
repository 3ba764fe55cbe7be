#!/bin/sh
# Bring what is missing of the system's packages, by apt; say what to install where that cannot be done.
#
#   scripts/system-packages.sh run     what `make install` and `make demo` need
#   scripts/system-packages.sh test    that, and what the tests need
#
# Looks before it touches anything, so that it ends with one message and nothing half done. DATABASE_URL set: nothing of
# PostgreSQL is looked at or installed. SYSROOT, for the tests, is put before the folders that are looked into.
set -eu

purpose=${1:-run}
root=${SYSROOT:-}

have() { command -v "$1" >/dev/null 2>&1; }
exists() { [ -e "$1" ]; }

has_server() { # the same places as geo/embedded/programs.py looks into, which cannot run before there is a Python
    [ -n "${DATABASE_URL:-}" ] && return 0
    if [ -n "${SHUANGBEI_PG_BIN:-}" ]; then
        exists "$SHUANGBEI_PG_BIN/initdb" && return 0
        echo "SHUANGBEI_PG_BIN is $SHUANGBEI_PG_BIN, and there is no initdb in it. Name the folder of PostgreSQL's programs, or unset it." >&2
        exit 1
    fi
    for control in "$root"/usr/share/postgresql/*/extension/postgis.control; do
        major=$(basename "$(dirname "$(dirname "$control")")")
        exists "$control" && exists "$root/usr/lib/postgresql/$major/bin/initdb" && return 0
    done
    for control in "$root"/usr/pgsql-*/share/extension/postgis.control \
        "$root"/opt/homebrew/share/postgresql*/extension/postgis.control \
        "$root"/usr/local/share/postgresql*/extension/postgis.control \
        "$root"/Applications/Postgres.app/Contents/Versions/*/share/postgresql/extension/postgis.control; do
        exists "$control" && return 0
    done
    return 1
}

has_python() {
    python=$("$(dirname "$0")/find-python.sh" 2>/dev/null) && "$python" -c 'import ensurepip, venv' 2>/dev/null
}

has_chinese_font() { have fc-list && [ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ]; }

# LibreOffice prints the workbook and the report; its Calc and its Writer are packages of their own.
has_office() {
    have soffice && have pdftotext || return 1
    parts=$root/usr/lib/libreoffice/program
    ! exists "$parts" || { exists "$parts/libsclo.so" && exists "$parts/libswlo.so"; }
}

missing='' # packages as Debian and Ubuntu name them
lacking='' # the same in words, for other systems
need() {
    missing="$missing $1"
    lacking="$lacking
  - $2"
}

has_python || need 'python3 python3-venv' 'Python 3.11 or newer with venv'
have npm || need npm 'npm (it only fetches the browser files)'
has_server || need postgresql-postgis 'PostgreSQL 13 or newer with PostGIS 3 (or set DATABASE_URL to a server that has them)'
if [ "$purpose" = test ]; then
    have chromium || have chromium-browser || need chromium 'Chromium'
    has_chinese_font || need 'fontconfig fonts-noto-cjk' 'a font with Chinese characters, such as Noto Sans CJK'
    has_office || need 'libreoffice-calc libreoffice-writer poppler-utils' 'LibreOffice (Calc and Writer) and pdftotext'
fi

[ -n "$missing" ] || exit 0

give_up() {
    printf '%s\n\nWhat is missing:%s\n\n%s\n' "$1" "$lacking" "$2" >&2
    exit 1
}

have apt-get || give_up 'This system has no apt, so make cannot install what is missing.' \
    'Install it with the means of this system and run make again.'
as_root=''
if [ "$(id -u)" -ne 0 ]; then
    have sudo || give_up 'Installing what is missing needs root, and there is no sudo.' \
        "Have an administrator run this, and run make again:
  apt-get install$missing"
    # Without a terminal sudo must not ask, for nobody could answer.
    if [ -t 0 ]; then as_root='sudo'; else as_root='sudo -n'; fi
    $as_root true || give_up 'Installing what is missing needs root, and sudo refused.' \
        "Have an administrator run this, and run make again:
  apt-get install$missing"
fi

echo "Installing:$missing" >&2

# Debian's PostgreSQL makes and starts a cluster of its own on 5432 when it is installed. Ours is private, so a drop-in
# says no for as long as the installation takes; what the machine's owner has set elsewhere stays as it is.
drop_in=$root/etc/postgresql-common/createcluster.d/zz-shuangbei.conf
forget() {
    $as_root rm -f "$drop_in"
    $as_root rmdir "$(dirname "$drop_in")" 2>/dev/null || true # where it was not ours, it stays
}
case $missing in
*postgresql*)
    trap forget EXIT
    trap 'exit 130' INT TERM
    $as_root mkdir -p "$(dirname "$drop_in")"
    echo 'create_main_cluster = false' | $as_root tee "$drop_in" >/dev/null
    ;;
esac

$as_root apt-get update -q >&2
# shellcheck disable=SC2086 # several packages
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2

has_python || give_up "This system's Python is older than 3.11." \
    'Install Python 3.11 or newer with venv, or use Debian 12, Ubuntu 24.04 or newer.'
