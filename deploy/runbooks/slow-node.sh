#!/usr/bin/env bash
# A node does not read as fast as it is sent to.
set -euo pipefail
program='slow-node'
# shellcheck source=deploy/runbooks/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
  cat <<'TEXT'
Usage: slow-node.sh [options]

Looks twice which nodes have something waiting in their outboxes and takes the one that has most both times. It can
be cut, so that it comes back with a catch-up in place of what waits.

  --between-s SECONDS  between the two looks; 10
  --endpoint HOST:PORT, --bin FOLDER, --yes, --help
TEXT
}

between_s=10
while (($# > 0)); do
  case "$1" in
    --between-s) between_s=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    *) take_common "$@"; shift "$taken" ;;
  esac
done
[[ $between_s =~ ^[0-9]+$ ]] || wrong_usage "--between-s takes whole seconds"

# A line for each node that something waits for: bytes, app, name; most bytes first.
waiting() {
  ctl --output json nodes | tr '{' '\n' | { grep '"outbox_bytes":[1-9]' || true; } |
    while IFS= read -r row; do
      printf '%s %s %s\n' "$(key outbox_bytes <<< "$row")" "$(key app <<< "$row")" "$(key name <<< "$row")"
    done | sort -rn
}

step "1/3 Who is behind"
before=$(waiting)
say "copies have lapsed $(status_of lapses) times since the hub's start"
if [[ -z $before ]]; then
  say "nothing waits for any node: there is nothing to do"
  exit 0
fi
printf '%s\n' "$before"

step "2/3 Who still is after $between_s s"
sleep "$between_s"
slow=''
while read -r bytes app name; do
  if grep -q " $app $name\$" <<< "$before"; then
    slow="$app $name"
    break
  fi
done <<< "$(waiting)"
if [[ -z $slow ]]; then
  say "nobody: they have caught up"
  exit 0
fi
read -r app name <<< "$slow"
say "$name of app $app, with $bytes bytes"

step "3/3 Look at that process, or cut its stream"
say "on its machine: does it stand still (a debugger, a full disk, no processor), or are callbacks slow?"
say "nobody else waits for it; what does not fit its outbox lapses and is caught up with"
agree "Cut the stream of $name? It comes back with a catch-up once it runs."
ctl nodes disconnect "$app" "$name" --yes
