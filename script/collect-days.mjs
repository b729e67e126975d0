#!/usr/bin/env node
// Collects the reports of demo days from a folder into results/transax.json. Days that were not run keep their figures.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const KEPT = ["offers", "traded_wh", "optimum_wh", "violations", "missed_intervals", "gas_total", "solutions_by_solver"];

/** Of a day that was traded twice: how many mixes there were, the fewest members of one, and the bills that are right. */
function summary({ seen_wh, unseen_wh, openly_wh, crowds, bills }) {
  const members = crowds.flatMap((crowd) => crowd.members);
  const right = bills.filter((bill) => bill.billed === bill.recomputed && bill.missing_wh === 0).length;
  return { seen_wh, unseen_wh, openly_wh, mixes: members.length, fewest: Math.min(...members), bills: bills.length, right };
}

/** Of a day whose journals were files: memory half-way and at the end, bytes and seconds of the largest and slowest. */
function took({ memory_kib: memory, journal_bytes, restart_seconds }) {
  const most = (figures) => Math.max(...Object.values(figures));
  return {
    middle_kib: memory[Math.floor(memory.length / 2)],
    end_kib: memory.at(-1),
    journal_bytes: most(journal_bytes),
    restart_seconds: most(restart_seconds),
  };
}

const [folder] = process.argv.slice(2);
const target = "results/transax.json";
const days = existsSync(target) ? JSON.parse(readFileSync(target, "utf8")) : {};
for (const day of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(`${folder}/${day}/report.json`, "utf8"));
  days[day] = Object.fromEntries(KEPT.map((key) => [key, report[key]]));
  const privacy = `${folder}/${day}/privacy.json`;
  if (existsSync(privacy)) days[day].unseen = summary(JSON.parse(readFileSync(privacy, "utf8")));
  const endurance = `${folder}/${day}/endurance.json`;
  if (existsSync(endurance)) days[day].endurance = took(JSON.parse(readFileSync(endurance, "utf8")));
}
mkdirSync("results", { recursive: true });
writeFileSync(target, `${JSON.stringify(days, null, 2)}\n`);
