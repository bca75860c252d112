#!/usr/bin/env bash
# Runs every test with the race detector, beside a private MariaDB and with Mosquitto and Redis. `make test` calls it.
#
#   tools/test.sh [PACKAGE...]
#
# What cannot be had is said in one line, and the tests go on without it; under CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

# SQLite's own code is C turned into Go: its memory lies outside the Go heap, where the race detector never looks, so that
# watching it finds nothing and takes two thirds of the run. Ours, the driver's and everybody else's is watched.
# store/racecontrol_test.go sees that races around it are found.
race=(-race)
for package in modernc.org/sqlite/lib modernc.org/libc modernc.org/memory; do
	race+=("-gcflags=$package=-race=false")
done
if ! tools/needs.sh gcc; then
	if [ "${CI:-}" = true ]; then
		echo 'test: the race detector needs a C compiler, and under CI=true it is needed' >&2
		exit 1
	fi
	echo 'test: no C compiler, so going on without the race detector' >&2
	race=()
fi
if ! tools/needs.sh mosquitto; then
	if [ "${CI:-}" = true ]; then
		echo 'test: there is no Mosquitto, and under CI=true it is needed' >&2
		exit 1
	fi
	echo 'test: no Mosquitto, so the doors are tested with the embedded broker only' >&2
fi
if ! tools/needs.sh redis-server; then
	if [ "${CI:-}" = true ]; then
		echo 'test: there is no Redis, and under CI=true it is needed' >&2
		exit 1
	fi
	echo 'test: no Redis, so servers that wake each other are tested with what only speaks like it' >&2
fi
if ! tools/needs.sh chromium chromedriver zbarimg; then
	if [ "${CI:-}" = true ]; then
		echo 'test: there is no Chromium, and under CI=true it is needed' >&2
		exit 1
	fi
	echo 'test: no Chromium, so the page for guests is not tried in a browser' >&2
fi
# The databases of tests end with them. Where there is plenty of memory they are kept in it, and nothing waits for a disk.
in_memory() {
	[ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] || return 1
	[ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -ge 8000000 ] || return 1
	[ "$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)" -ge 12000000 ] || return 1
	folder=$(mktemp -d /dev/shm/xunfang-test.XXXXXX)
	trap 'rm -rf -- "$folder"' EXIT
	printf '#!/bin/sh\n' >"$folder/probe"
	chmod 700 "$folder/probe"
	"$folder/probe" 2>/dev/null # programs are built and run there
}
if in_memory; then
	export GOTMPDIR=${GOTMPDIR:-/tmp} TMPDIR=$folder
fi
# Tests measure time-outs: not more packages at once than there are cores.
packages=("$@")
if [ $# = 0 ]; then
	packages=(./handlers ./store ./...) # the longest first, so that no core waits for them at the end
fi
tools/with-mariadb.sh env CGO_ENABLED="${race:+1}" go test "${race[@]}" -p 2 -timeout 25m "${packages[@]}"
# The race detector is too slow for all thousand runs of the two phones: once more without it.
if [ $# = 0 ] && [ ${#race[@]} != 0 ]; then
	CI='' go test -timeout 25m -run TestTwoPhonesOfOneSquadAThousandTimes ./handlers # on SQLite alone
fi
