#!/usr/bin/env bash
# Writes wait because the disk of the data folder is nearly full.
set -euo pipefail
program='full-disk'
# shellcheck source=deploy/runbooks/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
  cat <<'TEXT'
Usage: full-disk.sh --data-dir FOLDER [options]

Says what takes the space, frees some, and waits until the hub lets sessions grow again.

  --data-dir FOLDER   the hub's
  --free COMMAND      what makes room: journalctl --vacuum-size=200M, say. Without it you are to do it elsewhere
  --endpoint HOST:PORT, --wait-s SECONDS, --start COMMAND, --bin FOLDER, --yes, --help
TEXT
}

data_dir='' free_command=''
while (($# > 0)); do
  case "$1" in
    --data-dir) data_dir=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --free) free_command=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    *) take_common "$@"; shift "$taken" ;;
  esac
done
needs --data-dir "$data_dir"

growth_goes_on() { [[ $(status_of growth_waits) == false ]]; }

step "1/3 How it stands"
if reached; then
  say "free by the hub's count: $(status_of disk_free_bytes) bytes; growth waits: $(status_of growth_waits)"
  if growth_goes_on; then
    say "nothing waits: there is nothing to do"
    exit 0
  fi
else
  say "no hub answers at $endpoint: a write that found no space has ended it"
fi
df -h "$data_dir"

step "2/3 Make room"
say "the largest of the same disk:"
mount=$(df --output=target "$data_dir" | tail -n 1)
{ timeout 20 du -xh --max-depth=3 --threshold=1M "$mount" 2> /dev/null || true; } | sort -rh | head -n 10
say "never remove anything within $data_dir by hand"
if [[ -n $free_command ]]; then
  agree "Run '$free_command'?"
  sh -c "$free_command"
else
  say "free some elsewhere, or let the disk grow; this waits for $wait_s s"
fi

step "3/3 Wait for the hub"
reached || start_hub
wait_until "growth goes on" growth_goes_on || fail "the disk is too full still: make more room"
say "sessions grow again; what waited is applied"
