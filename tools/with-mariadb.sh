#!/usr/bin/env bash
# Runs a command beside a private MariaDB: in a temporary folder, on a free loopback port, gone
# afterwards. The command finds it in XUNFANG_TEST_MYSQL_DSN. Works as root and as anybody else.
#
#   tools/with-mariadb.sh go test ./store/...
#
# Where MariaDB cannot be had, it says so in one line and runs the command without it; under
# CI=true that is a failure. The exit status is the command's.
set -euo pipefail

if [ "$#" -eq 0 ]; then
	echo "usage: $0 COMMAND [ARGUMENT...]" >&2
	exit 2
fi
if [ -n "${XUNFANG_TEST_MYSQL_DSN:-}" ]; then # somebody brought a server of their own
	exec "$@"
fi

folder=''
server=''
command=''

# ended waits at most ten seconds for a process to end by itself, and then ends it.
ended() {
	local tries=100
	while [ "$tries" -gt 0 ] && kill -0 "$1" 2>/dev/null; do
		sleep 0.1
		tries=$((tries - 1))
	done
	kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# clean stops what was started and removes the folder, whatever happened.
clean() {
	trap '' INT TERM
	if [ -n "$command" ]; then
		kill "$command" 2>/dev/null || true
		ended "$command"
	fi
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || true
		ended "$server"
	fi
	if [ -n "$folder" ]; then
		rm -rf -- "$folder"
	fi
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# without runs the command on SQLite alone.
without() {
	if [ "${CI:-}" = true ]; then
		echo "with-mariadb: $1, and under CI=true it is needed" >&2
		exit 1
	fi
	echo "with-mariadb: $1; going on with SQLite only" >&2
	run
}

# run runs the command so that a signal to this script reaches it too.
run() {
	local status=0
	"${arguments[@]}" <&0 &
	command=$!
	wait "$command" || status=$?
	command=''
	exit "$status"
}
arguments=("$@")

# find_program prints where a program is; servers are often outside a user's PATH.
find_program() {
	PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1"
}

# The -core packages hold the server without the service, so that nothing is started.
install_server() {
	[ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
	export DEBIAN_FRONTEND=noninteractive
	{ apt-get update -qq && apt-get install -y -qq --no-install-recommends mariadb-server-core mariadb-client-core; } >&2
}

if ! find_program mariadbd >/dev/null || ! find_program mariadb-install-db >/dev/null; then
	install_server || without "there is no mariadbd here and it could not be installed"
fi
mariadbd=$(find_program mariadbd) || without "there is no mariadbd here"
install_db=$(find_program mariadb-install-db) || without "there is no mariadb-install-db here"

folder=$(mktemp -d "${TMPDIR:-/tmp}/xunfang-mariadb.XXXXXX")
if [ "$(id -u)" -ne 0 ]; then
	user=$(id -un)
else
	user=root # the server refuses to run as root unless told to
fi

if ! "$install_db" --no-defaults --user="$user" --datadir="$folder/data" --auth-root-authentication-method=normal \
	--skip-test-db --skip-name-resolve >"$folder/install.log" 2>&1; then
	tail -n 5 "$folder/install.log" >&2
	without "mariadb-install-db failed"
fi

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
cat >"$folder/init.sql" <<SQL
CREATE USER IF NOT EXISTS 'xunfang'@'%' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON *.* TO 'xunfang'@'%';
SQL
chmod 600 "$folder/init.sql"

# listens says whether something answers on a loopback port.
listens() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# serve starts the server on a port; it fails when the server does not come up.
serve() {
	rm -f -- "$folder/error.log"
	"$mariadbd" --no-defaults --user="$user" --datadir="$folder/data" --socket="$folder/mariadb.sock" \
		--pid-file="$folder/mariadb.pid" --log-error="$folder/error.log" --init-file="$folder/init.sql" \
		--bind-address=127.0.0.1 --port="$1" --skip-name-resolve --skip-log-bin --skip-slave-start \
		--innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=128M --innodb-log-file-size=64M \
		--performance-schema=OFF --max-connections=500 --max-allowed-packet=16M \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_bin >/dev/null 2>&1 &
	server=$!
	local tries=300
	while [ "$tries" -gt 0 ]; do
		kill -0 "$server" 2>/dev/null || return 1
		# Its log says when it is ready: the port answers before the user exists.
		if grep -q 'ready for connections' "$folder/error.log" 2>/dev/null; then
			return 0
		fi
		sleep 0.1
		tries=$((tries - 1))
	done
	return 1
}

# The port is below those that outgoing connections get. It can still be taken between
# the look and the start: then another is tried.
started=''
for _ in 1 2 3 4 5; do
	port=$((20000 + RANDOM % 12000))
	if listens "$port"; then
		continue
	fi
	if serve "$port"; then
		started=yes
		break
	fi
	kill -KILL "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=''
done
if [ -z "$started" ]; then
	tail -n 5 "$folder/error.log" >&2 || true
	without "the private MariaDB did not start"
fi

export XUNFANG_TEST_MYSQL_DSN="mysql://xunfang:$password@127.0.0.1:$port/"
run
