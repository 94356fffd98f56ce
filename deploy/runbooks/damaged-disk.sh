#!/usr/bin/env bash
# The hub does not start for damage, or cannot read sessions.
set -euo pipefail
program='damaged-disk'
# shellcheck source=deploy/runbooks/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
  cat <<'TEXT'
Usage: damaged-disk.sh --data-dir FOLDER --backup-dir FOLDER [options]

Stops the hub, has the doctor look at its folder, and, if that is ill, restores the newest backup that is good. The
ill folder is kept. What was acked since that backup is lost.

  --data-dir FOLDER    the hub's
  --backup-dir FOLDER  the hub's
  --endpoint HOST:PORT, --stop COMMAND, --start COMMAND, --wait-s SECONDS, --bin FOLDER, --yes, --help
TEXT
}

data_dir='' backup_dir=''
while (($# > 0)); do
  case "$1" in
    --data-dir) data_dir=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --backup-dir) backup_dir=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    *) take_common "$@"; shift "$taken" ;;
  esac
done
needs --data-dir "$data_dir"
needs --backup-dir "$backup_dir"
data_dir=${data_dir%/}

step "1/4 Stop the hub"
agree "Stop the hub of $data_dir? Nodes read from their copies meanwhile."
stop_hub "$data_dir"

step "2/4 Doctor"
if "${bin}sessionhub-folder" doctor --data-dir "$data_dir"; then
  say "the folder is well: the hub serves it again"
  start_hub
  exit 0
fi

step "3/4 Find a good backup"
good=''
for id in $("${bin}sessionhub-folder" --output json list --backup-dir "$backup_dir" |
  grep -o '"id":[0-9]*' | cut -d : -f 2 | sort -rn); do
  if good_backup "$backup_dir" "$id"; then
    good=$id
    break
  fi
  say "backup $id is no good: the one before it is looked at"
done
[[ -n $good ]] || fail "there is no good backup in $backup_dir: keep $data_dir, and ask for help"

step "4/4 Restore backup $good"
agree "Replace $data_dir by backup $good? What was acked since is lost."
restore_beside "$backup_dir" "$good" "$data_dir"
"${bin}sessionhub-folder" doctor --data-dir "$data_dir.restored"
put_in_place "$data_dir"
start_hub
say "the hub serves backup $good; nodes drop their copies and come back by themselves"
say "replace the disk before it fails again: dmesg, smartctl"
