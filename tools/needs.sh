#!/usr/bin/env bash
# Installs programs that are missing, from the system's packages.
#
#   tools/needs.sh gcc mosquitto
#
# Needs root and apt to install. What cannot be had is said in one line, and the exit status is 1.
set -euo pipefail

# package prints what a program comes in. The race detector needs the C library's headers too.
package() {
	case "$1" in
	gcc) echo 'gcc libc6-dev' ;;
	mosquitto | mosquitto_passwd) echo mosquitto ;;
	chromedriver) echo chromium-driver ;;
	zbarimg) echo zbar-tools ;;
	*) echo "$1" ;;
	esac
}

# missing says whether a program is not here; servers are often outside a user's PATH.
missing() {
	! PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null
}

packages=()
programs=()
for program in "$@"; do
	if missing "$program"; then
		programs+=("$program")
		read -ra named <<<"$(package "$program")"
		packages+=("${named[@]}")
	fi
done
if [ "${#packages[@]}" -eq 0 ]; then
	exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	echo "needs: ${programs[*]} missing, and only root with apt can install them" >&2
	exit 1
fi

# A package's service is not to start here: mosquitto's would take port 1883.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	trap 'rm -f -- "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}"; } </dev/null >&2; then
	echo "needs: ${programs[*]} missing, and could not be installed" >&2
	exit 1
fi
