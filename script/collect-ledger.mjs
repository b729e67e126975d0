#!/usr/bin/env node
// Gathers what `make results-ledger` measured, the files of one folder, into results/ledger.json.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const file = (name) => `${folder}/${name}.json`;
const read = (name) => JSON.parse(readFileSync(file(name), "utf8"));
// What was not measured is left out, and the page does not speak of it.
const perhaps = (name) => (existsSync(file(name)) && statSync(file(name)).size > 0 ? read(name) : null);
const presets = ["paper-001-figure-5", "paper-001-bigfoot", "paper-001-figure-6"];
const data = {
  speed: perhaps("speed"),
  presets: Object.fromEntries(presets.map((name) => [name, read(name)])),
  networks: read("networks"),
  sweep: read("sweep"),
  adapt: perhaps("adapt"),
  longer: perhaps("adapt-longer"),
};
mkdirSync("results", { recursive: true });
writeFileSync("results/ledger.json", `${JSON.stringify(data, null, 2)}\n`);
