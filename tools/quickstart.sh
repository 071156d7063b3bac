#!/usr/bin/env bash
# From a fresh checkout to a running server, with the real OpenStack client.
# Run it again as often as you like: what is there already is used.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

need_home() {
    # Some containers have no home; clients and the default state directory want one.
    if [ -z "${HOME:-}" ]; then
        HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
        export HOME="${HOME:-$root/.home}"
    fi
}

start_cloud() {
    if minicloud status >/dev/null 2>&1; then
        say "Using the cloud that runs already"
    else
        minicloud up --detach
    fi
    eval "$(minicloud env)"
}

boot_server() {
    local name
    name=first-$(date +%H%M%S)
    say
    say "Booting $name: openstack server create --image cirros --flavor m1.nano --wait $name"
    openstack server create --image cirros --flavor m1.nano --wait "$name" >/dev/null
    openstack server show "$name"
    server=$name
}

print_what_next() {
    cat <<TEXT

$server is running. To go on in this shell:

  export PATH="$root/.venv/bin:\$PATH"
  eval "\$(minicloud env)"
  openstack server list
  openstack console log show $server
  minicloud status

To stop: minicloud down       (it keeps everything; minicloud up --detach goes on)
To remove it for good: minicloud down, then delete
  $(state_directory)
TEXT
}

state_directory() {
    minicloud status --json | python -c 'import json, os, sys
log = json.load(sys.stdin)["children"][0]["log"]
print(os.path.dirname(os.path.dirname(log)))'
}

need_home
setup_venv client
export PATH="$root/.venv/bin:$PATH"
start_cloud
boot_server
print_what_next
