#!/usr/bin/env node
// Gathers what MinT's measuring commands left in a folder into results/mint.json; parts that are missing keep their last
// figures. Series are left out: charts show them, and go to results/charts/mint.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const read = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined);
const kept = read("results/mint.json") ?? {};
const real = read(`${folder}/real.json`);
for (const miner of real?.miners ?? []) {
  delete miner.samples;
  delete miner.points;
}
const fresh = { experiment: read(`${folder}/experiment.json`), real, speed: read(`${folder}/speed.json`) };
for (const [name, part] of Object.entries(fresh)) if (part) kept[name] = part;
mkdirSync("results/charts/mint", { recursive: true });
for (const chart of readdirSync(folder).filter((name) => name.endsWith(".svg")))
  copyFileSync(`${folder}/${chart}`, `results/charts/mint/${chart}`);
writeFileSync("results/mint.json", `${JSON.stringify(kept, null, 2)}\n`);
