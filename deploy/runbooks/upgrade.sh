#!/usr/bin/env bash
# A newer release of the hub.
set -euo pipefail
program='upgrade'
# shellcheck source=deploy/runbooks/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
  cat <<'TEXT'
Usage: upgrade.sh --data-dir FOLDER --install COMMAND [options]

Makes a backup, stops the hub, installs the newer release, starts it on the same folder, and sees whether it has the
same sessions. Until the upgrade is finalized, rollback.sh leads back.

  --data-dir FOLDER  the hub's
  --install COMMAND  what installs it: apt-get install -y ./sessionhub_0.2.0_amd64.deb, say
  --no-backup        for a hub without --backup-dir
  --finalize         nothing but that: gives the folder the newest format, which ends the way back
  --endpoint HOST:PORT, --stop COMMAND, --start COMMAND, --wait-s SECONDS, --bin FOLDER, --yes, --help
TEXT
}

data_dir='' install='' backup=yes finalize=no
while (($# > 0)); do
  case "$1" in
    --data-dir) data_dir=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --install) install=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --no-backup) backup=no; shift ;;
    --finalize) finalize=yes; shift ;;
    *) take_common "$@"; shift "$taken" ;;
  esac
done

if [[ $finalize == yes ]]; then
  step "1/1 Finalize"
  ctl upgrade status
  agree "Finalize? The release before will not open the folder any more."
  ctl upgrade finalize --yes
  exit 0
fi
needs --data-dir "$data_dir"
needs --install "$install"

step "1/4 How it stands"
version=$(status_of version)
history=$(status_of history_id)
say "version $version, format $(status_of format), history $history, $(status_of nodes) nodes"

step "2/4 Backup"
if [[ $backup == yes ]]; then
  ctl backup create
else
  say "none, as was asked: the only way back after finalizing is a copy"
fi

step "3/4 Install"
agree "Stop the hub and run '$install'? Nodes come back by themselves."
stop_hub "$data_dir"
say "$install"
sh -c "$install"
start_hub || fail "the newer release does not serve: rollback.sh, and look at the hub's log"

step "4/4 How it stands"
say "version $(status_of version), before it $version"
[[ $(status_of history_id) == "$history" ]] ||
  fail "the hub has another history than before: is it the same data folder?"
ctl upgrade status
say "look at your application for a day; then $program.sh --finalize, or rollback.sh"
