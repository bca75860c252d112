#!/usr/bin/env bash
# Lints openapi.yaml, makes a TypeScript client of it, and compiles a program that uses it. `make client-check` calls it.
#
# Without npm, or where its packages cannot be had, it says so in one line and succeeds: the product needs none of this.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
	echo 'check-client: no npm here: nothing was checked'
	exit 0
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/xunfang-client.XXXXXX")
trap 'rm -rf -- "$folder"' EXIT
echo '{"private": true}' >"$folder/package.json"
if ! npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
	@redocly/cli@2 openapi-typescript@7 openapi-fetch@0.14 typescript@5 >"$folder/log" 2>&1 </dev/null; then
	tail -n 3 "$folder/log" >&2
	echo 'check-client: npm could not fetch the tools: nothing was checked'
	exit 0
fi
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
bin=$folder/node_modules/.bin

# What the rules hold: tools/redocly.yaml.
"$bin/redocly" lint --config tools/redocly.yaml openapi.yaml
"$bin/openapi-typescript" openapi.yaml --output "$folder/contract.ts" >/dev/null

# The compiler must know the answers' fields, and refuse a field that does not exist.
cat >"$folder/program.ts" <<'TS'
import createClient from "openapi-fetch";
import type { paths } from "./contract.js";

const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8080" });

export async function firstDoor(): Promise<string | undefined> {
	const { data, error } = await client.GET("/v1/doors", { params: { query: { limit: 20 } } });
	if (error) throw new Error(error.code);
	// @ts-expect-error there is no such field
	void data.nothing;
	return data.items[0]?.id;
}
TS
"$bin/tsc" --noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext --skipLibCheck false "$folder/program.ts"
echo 'check-client: the contract is clean, and a TypeScript client made from it compiles'
