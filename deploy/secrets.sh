#!/usr/bin/env bash
# Makes the passwords that compose.yaml needs, once. What is there already stays.
#
#   deploy/secrets.sh
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p secrets passwords

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# keep writes a secret if there is none. Others may read the file, for the containers run as other users;
# the folder around it is closed.
keep() {
	if [ ! -s "secrets/$1" ]; then
		printf '%s' "$2" >"secrets/$1"
		chmod 644 "secrets/$1"
		echo "made deploy/secrets/$1"
	fi
}
keep mysql_root_password "$(random)"
keep mysql_password "$(random)"
keep database "mysql://xunfang:$(cat secrets/mysql_password)@mysql:3306/xunfang"
keep broker_password "$(random)"

# Mosquitto's list of accounts begins with the server's own.
if [ ! -s passwords/passwords ]; then
	# Made under another name: a run that fails must not leave the password in the clear behind.
	printf 'server:%s\n' "$(cat secrets/broker_password)" >passwords/.new
	trap 'rm -f passwords/.new' EXIT
	passwd=$(PATH="$PATH:/usr/local/bin:/usr/sbin" command -v mosquitto_passwd || true)
	if [ -n "$passwd" ]; then
		"$passwd" -U passwords/.new
	else
		docker run --rm -v "$PWD/passwords:/passwords" --entrypoint mosquitto_passwd eclipse-mosquitto:2.0 -U /passwords/.new
	fi
	mv passwords/.new passwords/passwords
	echo 'made deploy/passwords/passwords'
fi
