#!/usr/bin/env bash
# What the runbooks share; to be sourced. A runbook sets `program` and defines usage().
# shellcheck shell=bash disable=SC2034,SC2154  # a runbook sets and uses these

bin=                                 # where sessionhubctl is; empty: PATH
endpoint=127.0.0.1:7070              # the hub
yes=no                               # yes: ask nothing
wait_s=60                            # how long the hub may take to do as it is told
stop_command='systemctl stop sessionhub'
start_command='systemctl start sessionhub'

step() { printf '== %s\n' "$*"; }
say() { printf '   %s\n' "$*"; }
fail() {
  printf '%s: %s\n' "$program" "$*" >&2
  exit 1
}
wrong_usage() {
  printf '%s: %s\n' "$program" "$*" >&2
  usage >&2
  exit 2
}

# take_common OPTION VALUE: takes an option that all runbooks have, and sets `taken` to the count of
# its words.
take_common() {
  case "$1" in
    --yes) yes=yes; taken=1; return ;;
    -h | --help) usage; exit 0 ;;
    --bin | --endpoint | --wait-s | --stop | --start) ;;
    *) wrong_usage "unknown option '$1'" ;;
  esac
  [[ -n ${2-} ]] || wrong_usage "$1 needs a value"
  case "$1" in
    --bin) bin=$2/ ;;
    --endpoint) endpoint=$2 ;;
    --wait-s) [[ $2 =~ ^[0-9]+$ ]] || wrong_usage "--wait-s takes whole seconds"; wait_s=$2 ;;
    --stop) stop_command=$2 ;;
    --start) start_command=$2 ;;
  esac
  taken=2
}

# needs NAME VALUE: an option that cannot be left out.
needs() { [[ -n $2 ]] || wrong_usage "$1 is missing"; }

# agree QUESTION: goes on after a yes.
agree() {
  [[ $yes == yes ]] && return
  [[ -t 0 ]] || fail "$1 Nobody is there to answer: say --yes."
  local answer
  read -r -p "$1 [y/N] " answer
  [[ $answer == [yY]* ]] || fail "nothing further was done"
}

ctl() { "${bin}sessionhubctl" --endpoint "$endpoint" "$@"; }

# key NAME: the first value of this key in the JSON on standard input; nothing if there is none.
key() { grep -o "\"$1\":[^,}]*" | head -n 1 | cut -d : -f 2- | tr -d '"' || true; }
status_of() { ctl --output json status | key "$1"; }
reached() { ctl --timeout 2 status > /dev/null 2>&1; }

# wait_until WHAT COMMAND...: looks each second; false after wait_s.
wait_until() {
  local what=$1 end=$((SECONDS + wait_s))
  shift
  until "$@"; do
    if ((SECONDS >= end)); then
      printf '%s: after %s s still not: %s\n' "$program" "$wait_s" "$what" >&2
      return 1
    fi
    sleep 1
  done
}

# Whether no process of this machine has the folder's database open: a hub that drains has, to its end.
folder_is_free() {
  [[ ! -e $1/db/LOCK ]] || ! grep -q ":$(stat -c %i "$1/db/LOCK") " /proc/locks
}

stop_hub() {
  say "$stop_command"
  sh -c "$stop_command"
  wait_until "the hub has left $1" folder_is_free "$1"
}

start_hub() {
  say "$start_command"
  sh -c "$start_command"
  wait_until "the hub answers at $endpoint" reached
}

# good_backup FOLDER ID: whether it is whole; says what is wrong. ID 0: the newest.
good_backup() { "${bin}sessionhub-folder" verify --backup-dir "$1" --backup "$2"; }

# restore_beside BACKUPS ID DATA: a data folder of the backup, beside the one that is to be replaced,
# with its owner and rights.
restore_beside() {
  "${bin}sessionhub-folder" restore --backup-dir "$1" --backup "$2" --data-dir "$3.restored"
  chown -R --reference="$3" "$3.restored"
  chmod --reference="$3" "$3.restored"
}

# put_in_place DATA: the restored folder becomes the data folder; the other one is kept.
put_in_place() {
  local kept
  kept=$1.before-$(date +%Y%m%dT%H%M%S)
  mv -T "$1" "$kept"
  mv -T "$1.restored" "$1"
  say "the folder of before is $kept: remove it once nobody needs it"
}
