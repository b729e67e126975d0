#!/usr/bin/env node
// Gathers what the measuring commands of parallel proof of work left in a folder into results/pow.json; parts that are
// missing keep their last figures. Figures go to results/charts/pow.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const read = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined);
const kept = read("results/pow.json") ?? {};
const processes = read(`${folder}/processes.json`);
for (const mode of processes?.modes ?? []) {
  for (const run of mode.runs) {
    // Which nodes took part changes with every run.
    run.block_seconds = run.blocks.map((block) => block.seconds);
    run.block_hashes = run.blocks.map((block) => block.hashes);
    delete run.blocks;
    delete run.killed;
  }
}
for (const name of ["kernel", "speed", "simulation"]) kept[name] = read(`${folder}/${name}.json`) ?? kept[name];
kept.processes = processes ?? kept.processes;
mkdirSync("results/charts/pow", { recursive: true });
const copy = (from, to) => existsSync(from) && copyFileSync(from, `results/charts/pow/${to}`);
for (const number of [1, 2, 3, 4, 5]) copy(`${folder}/figure-${number}.svg`, `figure-${number}.svg`);
copy(`${folder}/processes/figure-5.svg`, "figure-5-processes.svg");
writeFileSync("results/pow.json", `${JSON.stringify(kept, null, 2)}\n`);
