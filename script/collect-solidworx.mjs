#!/usr/bin/env node
// Gathers the reports that `entente demo solidworx` left below the folder given into results/solidworx.json.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const CASES = ["carpool", "carpool-blocks", "energy", "energy-battery", "energy-failover", "energy-one-cycle", "food"];
const folder = process.argv[2];
const file = "results/solidworx.json";
// Cases that could not be run keep their last figures.
const cases = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).cases : {};
for (const name of CASES) {
  const report = `${folder}/${name}/report.json`;
  if (existsSync(report)) cases[name] = JSON.parse(readFileSync(report, "utf8"));
}
mkdirSync("results", { recursive: true });
writeFileSync(file, `${JSON.stringify({ cases }, null, 2)}\n`);
