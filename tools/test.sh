#!/usr/bin/env bash
# Everything the tests need, and then the tests: all of them, or what the arguments say (as pytest's).
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

mapfile -t packages < <(bindep_packages test)
need_packages "${packages[@]}"
setup_venv client,test,style
export PATH="$root/.venv/bin:$PATH"
# Tests make their own clouds: one that this shell talks to is none of their business.
unset "${!OS_@}" MINICLOUD_STATE_DIR MINICLOUD_PASSWORD
cd "$root"
# Most tests wait for something, so three processes share them, also on two processors (`-n 0`: in
# this one).
exec python -m pytest --numprocesses 3 --dist loadscope --no-loadscope-reorder "$@"
