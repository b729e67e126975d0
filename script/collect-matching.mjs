#!/usr/bin/env node
// Gathers what the benchmark of formulations printed, and solves published instances and a rolling day, into
// results/matching.json: `collect-matching.mjs FORMULATIONS.json SHARED`. What is not run keeps its last figures.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [formulations, shared] = process.argv.slice(2);
const file = "results/matching.json";
const INSTANCES = ["small-101", "frac-15929", "mediumt-103", "mediumu-104", "solidworx-105", "larget-106"];
const HORIZONS = "0,1,2,4,8,12,16,20,24,32,48";
const CHARTS = "results/charts/matching";

const solve = (...words) => JSON.parse(execFileSync("bin/entente", ["solve", ...words, "--json"], { encoding: "utf8" }));
/** The middle one of five, by time. */
const middle = (...words) => {
  const runs = Array.from({ length: 5 }, () => solve(...words));
  return runs.sort((one, other) => one.build_ms + one.solve_ms - other.build_ms - other.solve_ms)[2];
};

const known = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
// Markets that were not measured this time keep theirs.
const measured = JSON.parse(readFileSync(formulations, "utf8"));
const isNew = (old) => measured.some((run) => run.case === old.case);
const order = [...new Set([...(known.formulations ?? []), ...measured].map((run) => run.case))];
const all = [...(known.formulations ?? []).filter((old) => !isNew(old)), ...measured];
const found = { ...known, formulations: order.flatMap((name) => all.filter((run) => run.case === name)) };
if (existsSync(`${shared}/instances`)) {
  found.instances = INSTANCES.map((name) => {
    const path = `${shared}/instances/${name}.json`;
    const optimum = JSON.parse(readFileSync(path, "utf8")).optimum_integer;
    return { name, optimum, cbc: middle(path), highs: middle(path, "--backend", "highs") };
  });
}
// Batteries are where it matters what waits.
const batteries = `${shared}/data/microgrid102/offers_battery.csv`;
if (existsSync(batteries)) {
  const day = [batteries, "--internal-limit-wh", "2500000", "--external-limit-wh", "2000000"];
  found.horizons = solve(...day, "--horizons", HORIZONS, "--charts", CHARTS);
}
mkdirSync("results", { recursive: true });
writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
