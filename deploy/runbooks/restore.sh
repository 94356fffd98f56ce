#!/usr/bin/env bash
# The sessions of a backup in place of those that there are.
set -euo pipefail
program='restore'
# shellcheck source=deploy/runbooks/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
  cat <<'TEXT'
Usage: restore.sh --data-dir FOLDER --backup-dir FOLDER [options]

Verifies a backup, stops the hub, restores the backup beside its data folder, puts it in the folder's place, and
starts the hub. The folder of before is kept. What was acked since the backup is lost.

  --data-dir FOLDER    the hub's; if there is none any more, an empty one
  --backup-dir FOLDER  the hub's
  --backup ID          which one, as `sessionhubctl backup list` shows it; without it the newest
  --endpoint HOST:PORT, --stop COMMAND, --start COMMAND, --wait-s SECONDS, --bin FOLDER, --yes, --help
TEXT
}

data_dir='' backup_dir='' backup=0
while (($# > 0)); do
  case "$1" in
    --data-dir) data_dir=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --backup-dir) backup_dir=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --backup) backup=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    *) take_common "$@"; shift "$taken" ;;
  esac
done
needs --data-dir "$data_dir"
needs --backup-dir "$backup_dir"
data_dir=${data_dir%/}

step "1/4 Verify the backup"
"${bin}sessionhub-folder" list --backup-dir "$backup_dir"
good_backup "$backup_dir" "$backup" || fail "choose another one with --backup"

step "2/4 Stop the hub"
reached && say "it has $(status_of nodes) nodes, and history $(status_of history_id)"
agree "Stop the hub and replace $data_dir by the backup? What was acked since is lost."
stop_hub "$data_dir"

step "3/4 Restore"
restore_beside "$backup_dir" "$backup" "$data_dir"
put_in_place "$data_dir"

step "4/4 Start the hub"
start_hub
say "it has history $(status_of history_id): nodes drop their copies and come back by themselves"
say "their commits without an answer end as unknown"
