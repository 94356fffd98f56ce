#!/usr/bin/env bash
# The hub's certificate expires, or is to be another one.
set -euo pipefail
program='certificate-change'
# shellcheck source=deploy/runbooks/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

usage() {
  cat <<'TEXT'
Usage: certificate-change.sh --certificate FILE --key FILE --new-certificate FILE --new-key FILE [options]

Checks the new certificate, puts it and its key in the place of those that the hub reads, and waits until the hub
shows it. If it does not, those of before are put back. No node is cut.

  --certificate FILE, --key FILE          the hub's --tls-certificate and --tls-key
  --new-certificate FILE, --new-key FILE  what takes their place; PEM
  --ca FILE                               the roots that nodes trust: the new certificate must be of them
  --endpoint HOST:PORT, --wait-s SECONDS, --yes, --help
TEXT
}

certificate='' key_file='' new_certificate='' new_key='' ca=''
while (($# > 0)); do
  case "$1" in
    --certificate) certificate=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --key) key_file=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --new-certificate) new_certificate=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --new-key) new_key=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    --ca) ca=${2-}; shift 2 || wrong_usage "$1 needs a value" ;;
    *) take_common "$@"; shift "$taken" ;;
  esac
done
needs --certificate "$certificate"
needs --key "$key_file"
needs --new-certificate "$new_certificate"
needs --new-key "$new_key"
command -v openssl > /dev/null || fail "openssl is missing: apt-get install openssl"

fingerprint() { openssl x509 -noout -fingerprint -sha256; }
shown() { openssl s_client -connect "$endpoint" -alpn h2 < /dev/null 2> /dev/null | fingerprint 2> /dev/null || true; }
is_shown() { [[ $(shown) == "$1" ]]; }

# replace FROM TO: at once, with the owner and the rights of what was there.
replace() {
  cp -p "$2" "$2.new"
  cat "$1" > "$2.new"
  mv -T "$2.new" "$2"
}

step "1/3 Check the new certificate"
openssl x509 -in "$new_certificate" -noout -subject -enddate
openssl x509 -in "$new_certificate" -noout -checkend 86400 > /dev/null ||
  fail "$new_certificate expires within a day, or is no certificate"
[[ $(openssl x509 -in "$new_certificate" -noout -pubkey) == $(openssl pkey -in "$new_key" -pubout) ]] ||
  fail "$new_key is not the key of $new_certificate"
if [[ -n $ca ]]; then
  openssl verify -CAfile "$ca" -untrusted "$new_certificate" "$new_certificate" > /dev/null ||
    fail "$new_certificate is not of the roots in $ca: nodes would not trust it"
fi

step "2/3 Put it in place"
agree "Replace $certificate and $key_file?"
for file in "$certificate" "$key_file"; do cp -p "$file" "$file.before"; done
replace "$new_key" "$key_file"
replace "$new_certificate" "$certificate"

step "3/3 Wait until the hub shows it"
new=$(fingerprint < "$certificate")
if ! wait_until "the hub shows $new" is_shown "$new"; then
  replace "$key_file.before" "$key_file"
  replace "$certificate.before" "$certificate"
  fail "the files of before are back: look at the hub's log"
fi
say "$new"
say "streams that stand are not cut; the files of before are $certificate.before and $key_file.before"
