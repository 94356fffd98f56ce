#!/usr/bin/env bash
# Back to the release before an upgrade.
set -euo pipefail
program='rollback'
# shellcheck source=deploy/runbooks/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
  cat <<'TEXT'
Usage: rollback.sh --data-dir FOLDER --install COMMAND --install-newer COMMAND [options]

Stops the hub, installs the release of before and starts it on the same folder, with each acked change. If that one
does not open the folder, because the upgrade was finalized, the newer release is put back.

  --data-dir FOLDER        the hub's
  --install COMMAND        what installs the release of before
  --install-newer COMMAND  what installs the release of now again
  --endpoint HOST:PORT, --stop COMMAND, --start COMMAND, --wait-s SECONDS, --bin FOLDER, --yes, --help
TEXT
}

data_dir='' install='' install_newer=''
while (($# > 0)); do
  case "$1" in
    --data-dir) data_dir=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --install) install=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --install-newer) install_newer=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    *) take_common "$@"; shift "$taken" ;;
  esac
done
needs --data-dir "$data_dir"
needs --install "$install"
needs --install-newer "$install_newer"

step "1/3 How it stands"
if reached; then
  say "version $(status_of version), format $(status_of format), newest $(status_of newest_format)"
else
  say "no hub answers at $endpoint"
fi
say "the folder says: $(cat "$data_dir/FORMAT")"

step "2/3 Install the release of before"
agree "Stop the hub and run '$install'? Nodes come back by themselves."
stop_hub "$data_dir"
say "$install"
sh -c "$install"

step "3/3 Start it"
if start_hub; then
  say "version $(status_of version), format $(status_of format): each acked change is there"
  exit 0
fi
say "it does not open this folder, most likely because the upgrade was finalized"
say "$install_newer"
sh -c "$install_newer"
start_hub
fail "the newer release serves again. The way back is a backup from before the upgrade was finalized: restore.sh"
