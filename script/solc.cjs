#!/usr/bin/env node
// Makes the JavaScript build of the Solidity compiler look like the native one to forge, which asks two things of it:
// `--version` and `--standard-json` (a request on standard input, the answer on standard output).
const solc = require("solc");
const { readFileSync, writeSync } = require("fs");

const args = process.argv.slice(2);
if (args.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (args.includes("--standard-json")) {
  const answer = Buffer.from(solc.compile(readFileSync(0, "utf8")));
  for (let sent = 0; sent < answer.length; ) sent += writeSync(1, answer, sent);
} else {
  console.error("solc.cjs: expected --version or --standard-json");
  process.exit(2);
}
