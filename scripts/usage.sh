# shellcheck shell=bash
# Sourced by each script before it does anything: --help prints the comment at the script's head,
# and begins nothing. A script that knows all of its words ends with `misused` at another one.
about() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }
misused() {
  echo "${0##*/}: $1 (scripts/${0##*/} --help tells what it takes)" >&2
  exit 2
}
case "${1:-}" in
  -h | --help) about; exit 0 ;;
esac
