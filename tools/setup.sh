# Sourced by the other scripts: a virtual environment in .venv with minicloud in it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# A minimal PATH may lack what apt and its packages need.
export PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# apt_install PACKAGE...: install them without starting any service of the machine.
apt_install() {
    command -v apt-get >/dev/null || die "install these first: $*"
    say "Installing Debian packages: $*"
    # dpkg's scripts ask policy-rc.d before they start a service; one that is there stays in charge.
    local policy=/usr/sbin/policy-rc.d made=no status=0
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=yes
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        trap 'exit 130' INT TERM
    fi
    (
        export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 RUNLEVEL=1
        apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"
    ) </dev/null >&2 || status=$?
    if [ "$made" = yes ]; then
        rm -f "$policy"
        trap - EXIT INT TERM
    fi
    [ "$status" -eq 0 ] || die "apt-get could not install: $*"
}

# installed PACKAGE: whether dpkg has it, completely.
installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need_packages PACKAGE...: install those that are missing, or say which they are.
need_packages() {
    local missing=() package
    command -v dpkg-query >/dev/null || return 0
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    if is_root; then
        apt_install "${missing[@]}"
    else
        die "these Debian packages are missing; as root: apt-get install ${missing[*]}"
    fi
}

# bindep_packages PROFILE: the names in bindep.txt that are needed always, or for this profile.
bindep_packages() {
    awk -v profile="$1" '
        /^[[:space:]]*(#|$)/ { next }
        {
            line = $0
            sub(/#.*/, "", line)
            wanted = !match(line, /\[[^]]*\]/)
            if (!wanted) {
                count = split(substr(line, RSTART + 1, RLENGTH - 2), words, /[[:space:]]+/)
                dpkg = 1; profiles = 0; found = 0
                for (i = 1; i <= count; i++) {
                    if (words[i] ~ /^platform:/) dpkg = (words[i] == "platform:dpkg")
                    else { profiles++; if (words[i] == profile) found = 1 }
                }
                wanted = dpkg && (profiles == 0 || found)
            }
            if (wanted) { split(line, word); print word[1] }
        }' "$root/bindep.txt"
}

# find_python: find a Python that is new enough and can make virtual environments.
find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && "$candidate" -c \
            'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            return 0
        fi
    done
    return 1
}

# setup_venv EXTRAS: make .venv, or use the one there is if it fits. EXTRAS such as client,test.
setup_venv() {
    local extras=$1 python stamp wanted
    if ! find_python; then
        is_root || die "Python 3.11 or newer is missing; as root: apt-get install python3 python3-venv"
        apt_install python3 python3-venv
        find_python || die "this system has no Python 3.11 or newer"
    fi
    # On Debian `venv` is there without python3-venv, and fails only when it is used.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        is_root || die "Python's venv is missing; as root: apt-get install python3-venv"
        apt_install python3-venv
    fi
    stamp=$root/.venv/.stamp-$extras
    wanted=$(cksum <"$root/setup.cfg"; cksum <"$root/pyproject.toml"; printf '%s' "$root")
    if [ -x "$root/.venv/bin/minicloud" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    # An environment that was moved, or whose Python has gone, is of no use.
    if ! "$root/.venv/bin/python" -m pip --version >/dev/null 2>&1 ||
        ! grep -qsF "$root/.venv" "$root/.venv/bin/activate"; then
        rm -rf "$root/.venv"
        say "Making $root/.venv"
        "$python" -m venv "$root/.venv"
    fi
    say "Installing minicloud and what it needs; the first time takes a minute or two"
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
        "$root/.venv/bin/python" -m pip install --quiet --no-input -e "$root[$extras]"
    printf '%s' "$wanted" >"$stamp"
}
