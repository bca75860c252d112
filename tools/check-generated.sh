#!/usr/bin/env bash
# Fails when api/contract.gen.go is not what openapi.yaml gives. Changes nothing in the tree.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d "${TMPDIR:-/tmp}/xunfang-generated.XXXXXX")
trap 'rm -rf -- "$folder"' EXIT
sed "s|^output: .*|output: $folder/contract.gen.go|" api/oapi-codegen.yaml >"$folder/oapi-codegen.yaml"
(cd api && go tool -modfile=../tools/go.mod oapi-codegen -config "$folder/oapi-codegen.yaml" ../openapi.yaml)
if ! diff -u api/contract.gen.go "$folder/contract.gen.go" >"$folder/difference"; then
	head -n 40 "$folder/difference" >&2
	echo 'check-generated: api/contract.gen.go is stale: run make generate' >&2
	exit 1
fi
