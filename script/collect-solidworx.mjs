#!/usr/bin/env node
// Gathers the reports that `entente demo solidworx` left below the folder given into results/solidworx.json, and the pictures
// that RESULTS.md shows into results/charts/solidworx.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const CASES = ["carpool", "carpool-blocks", "energy", "energy-battery", "energy-failover", "energy-one-cycle", "food"];
const CHARTS = "results/charts/solidworx";
const PICTURES = {
  "carpool/map.svg": "carpool-map.svg",
  "carpool/chart.svg": "carpool.svg",
  "energy-failover/chart.svg": "energy.svg",
  "energy-failover/solutions.svg": "failover.svg",
};
const folder = process.argv[2];
const file = "results/solidworx.json";
// Cases that could not be run keep their last figures.
const cases = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).cases : {};
for (const name of CASES) {
  const report = `${folder}/${name}/report.json`;
  if (existsSync(report)) cases[name] = JSON.parse(readFileSync(report, "utf8"));
}
mkdirSync(CHARTS, { recursive: true });
for (const [from, to] of Object.entries(PICTURES)) {
  if (existsSync(`${folder}/${from}`)) copyFileSync(`${folder}/${from}`, `${CHARTS}/${to}`);
}
writeFileSync(file, `${JSON.stringify({ cases }, null, 2)}\n`);
