#!/usr/bin/env bash
# A node has died, or nobody reaches it.
set -euo pipefail
program='lost-node'
# shellcheck source=deploy/runbooks/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
  cat <<'TEXT'
Usage: lost-node.sh --app APP --node NAME [options]

Says whether the hub holds a stream or a lease of the node, cuts a stream that leads nowhere, and waits until the
lease is over: from then on nobody waits for the node. What it had acked is at the hub.

  --app APP, --node NAME   the node, as `sessionhubctl nodes` names it
  --endpoint HOST:PORT, --wait-s SECONDS, --bin FOLDER, --yes, --help
TEXT
}

app='' node=''
while (($# > 0)); do
  case "$1" in
    --app) app=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --node) node=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    *) take_common "$@"; shift "$taken" ;;
  esac
done
needs --app "$app"
needs --node "$node"

# What the hub says of the node, as JSON; nothing if it does not know it.
row() {
  ctl --output json nodes | tr '{' '\n' | { grep -F "\"name\":\"$node\"" || true; } |
    { grep -F "\"app\":\"$app\"" || true; }
}
forgotten() { [[ -z $(row) ]]; }
# By a stream that is younger than the cut.
came_back() {
  local age_ms
  age_ms=$(row | key attached_for_ms)
  [[ $(row | key attached) == true ]] && ((age_ms <= (SECONDS - cut_s + 1) * 1000))
}
settled() { forgotten || came_back; }

step "1/2 What the hub knows of $node"
known=$(row)
if [[ -z $known ]]; then
  say "nothing: its lease is over. Start the node again when you like"
  exit 0
fi
sessions=$(key interests <<< "$known")
if [[ $(key attached <<< "$known") == true ]]; then
  say "its stream stands, from $(key peer <<< "$known"), with $sessions sessions"
  say "a node that lives loses nothing by a cut: it comes back by itself"
  agree "Cut the stream of $node?"
  cut_s=$SECONDS
  ctl nodes disconnect "$app" "$node" --yes
else
  cut_s=$SECONDS
  say "it has gone; its lease goes on, with $sessions sessions"
fi

step "2/2 Wait for the end of its lease"
wait_until "the lease of $node is over" settled || fail "wait longer than the hub's lease-ms"
if ! forgotten; then
  say "$node has come back: it is not lost"
  exit 0
fi
say "the hub waits for it no more; each commit of it that was answered as applied is there"
say "start it again with the same name and app when you like"
