#!/usr/bin/env bash
# Builds the static binary, as the Dockerfile does.
#
#   tools/build.sh [FILE]      default: dist/xunfang
#
# The Dockerfile's own line is what runs here, so that the two cannot differ; the result must be static,
# start, and load no shared library.
set -euo pipefail
cd "$(dirname "$0")/.."

file=${1:-dist/xunfang}
line=$(sed -n 's/^RUN \(CGO_ENABLED=0 .*go build .*\) -o \/xunfang \.$/\1/p' Dockerfile)
if [ -z "$line" ] || [ "$(grep -c 'go build' Dockerfile)" -ne 1 ]; then
	echo 'build: no build line like "RUN CGO_ENABLED=0 ... go build ... -o /xunfang ." in the Dockerfile' >&2
	exit 1
fi
# Every folder of the module that is built must get past .dockerignore.
packages=$(go list -deps -f '{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}' .)
for folder in $(cut -s -d/ -f2 <<<"$packages" | sort -u); do
	grep -qx "!$folder" .dockerignore || {
		echo "build: .dockerignore holds back $folder" >&2
		exit 1
	}
done
RELEASE=${RELEASE:-$(sed -n 's/^ARG RELEASE=//p' Dockerfile)}
TARGETOS='' TARGETARCH='' # this machine's
mkdir -p "$(dirname "$file")"
eval "$line -o \"\$file\" ."

# A static binary names no interpreter and no library. ldd is part of the C library's package.
if command -v ldd >/dev/null && ldd "$file" >/dev/null 2>&1; then
	echo "build: $file is not static" >&2
	exit 1
fi
env -i "$file" version
