#!/usr/bin/env node
// Collects the reports of demo days from a folder into results/transax.json. Days that were not run keep their figures.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const KEPT = ["offers", "traded_wh", "optimum_wh", "violations", "gas_total", "solutions_by_solver"];
const [folder] = process.argv.slice(2);
const target = "results/transax.json";
const days = existsSync(target) ? JSON.parse(readFileSync(target, "utf8")) : {};
for (const day of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(`${folder}/${day}/report.json`, "utf8"));
  days[day] = Object.fromEntries(KEPT.map((key) => [key, report[key]]));
}
mkdirSync("results", { recursive: true });
writeFileSync(target, `${JSON.stringify(days, null, 2)}\n`);
