#!/usr/bin/env bash
# Starts Mosquitto with deploy/mosquitto.conf and deploy/acl in a temporary folder, and sees whom it lets in.
# The rules themselves are tested in doors, with those of docs/door-protocol.md: both must be the same.
#
# Without Mosquitto it says so in one line; under CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

fail() {
	echo "check-deploy: $1" >&2
	exit 1
}

if ! tools/needs.sh mosquitto; then
	[ "${CI:-}" != true ] || fail 'there is no Mosquitto, and under CI=true it is needed'
	echo 'check-deploy: no Mosquitto here: nothing was checked'
	exit 0
fi

# block prints a block of the page.
block() {
	awk -v fence="\`\`\`conf $1" '$0 == fence {inside = 1; next} /^```/ {inside = 0} inside' docs/door-protocol.md
}
diff <(block acl) deploy/acl || fail 'deploy/acl is not that of docs/door-protocol.md'
# The two differ in where files are and who may connect, and in nothing else.
settings() { grep -vE '^(#|$|listener |password_file |acl_file )' | sort; }
diff <(block mosquitto.conf | settings) <(settings <deploy/mosquitto.conf) || fail 'deploy/mosquitto.conf is not that of docs/door-protocol.md'

folder=$(mktemp -d "${TMPDIR:-/tmp}/xunfang-deploy.XXXXXX")
broker=''
clean() {
	if [ -n "$broker" ]; then
		kill "$broker" 2>/dev/null || true
		wait "$broker" 2>/dev/null || true
	fi
	rm -rf -- "$folder"
}
trap clean EXIT

port=$((20000 + RANDOM % 12000))
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do # somebody listens there
	port=$((20000 + RANDOM % 12000))
done
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf 'server:%s\n' "$password" >"$folder/passwords"
mosquitto_passwd -U "$folder/passwords"
cp deploy/acl "$folder/acl"
sed -e "s|^listener 1883|listener $port 127.0.0.1|" -e "s|/mosquitto/passwords/|$folder/|; s|/mosquitto/config/|$folder/|" \
	deploy/mosquitto.conf >"$folder/mosquitto.conf"
if [ "$(id -u)" -eq 0 ]; then
	echo 'user root' >>"$folder/mosquitto.conf" # else it becomes a user who cannot read the folder
fi
mosquitto -c "$folder/mosquitto.conf" >"$folder/log" 2>&1 &
broker=$!

# answer prints the reason that the broker gives to a CONNECT packet (MQTT 3.1.1); nothing when it hangs up.
answer() {
	local tries=50
	while ! { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; do
		kill -0 "$broker" 2>/dev/null && [ "$tries" -gt 0 ] || {
			cat "$folder/log" >&2
			fail 'Mosquitto does not start with deploy/mosquitto.conf'
		}
		tries=$((tries - 1))
		sleep 0.1
	done
	printf '%b' "$1" >&3
	timeout 5 head -c 4 <&3 | od -An -tu1 | awk '{print $4}'
	exec 3>&-
}

# connect prints the escapes of a CONNECT packet; a name and a password make it signed in.
connect() {
	local flags='\x02' payload='\x00\x05probe' length=17
	if [ "$#" -eq 2 ]; then
		flags='\xc2'
		payload+=$(printf '\\x00\\x%02x%s\\x00\\x%02x%s' "${#1}" "$1" "${#2}" "$2")
		length=$((length + 4 + ${#1} + ${#2}))
	fi
	printf '\\x10\\x%02x\\x00\\x04MQTT\\x04%s\\x00\\x3c%s' "$length" "$flags" "$payload"
}

nobody=$(answer "$(connect)")
stranger=$(answer "$(connect server wrong)")
server=$(answer "$(connect server "$password")")
[ "$nobody" = 5 ] || fail "a client without an account was answered '$nobody', not 5"
[ "$stranger" = 5 ] || fail "a wrong password was answered '$stranger', not 5"
[ "$server" = 0 ] || fail "the server's account was answered '$server', not 0"
echo 'check-deploy: Mosquitto starts with deploy/mosquitto.conf and lets in only who has an account'
