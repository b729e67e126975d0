#!/usr/bin/env node
// Gathers what `make results-ledger` measured, the files of one folder, into results/ledger.json.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const read = (name) => JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8"));
const presets = ["paper-001-figure-5", "paper-001-bigfoot", "paper-001-figure-6"];
const data = {
  speed: read("speed"),
  presets: Object.fromEntries(presets.map((name) => [name, read(name)])),
  networks: read("networks"),
  sweep: read("sweep"),
  adapt: read("adapt"),
};
mkdirSync("results", { recursive: true });
writeFileSync("results/ledger.json", `${JSON.stringify(data, null, 2)}\n`);
