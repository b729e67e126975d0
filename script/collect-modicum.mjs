#!/usr/bin/env node
// Gathers what MODiCuM's measuring commands left in a folder into results/modicum.json; parts that are missing keep their
// last figures.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const read = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined);
const kept = read("results/modicum.json") ?? {};
kept.overhead = read(`${folder}/overhead.json`) ?? kept.overhead;
kept.overhead_short = read(`${folder}/overhead-short.json`) ?? kept.overhead_short;
kept.streaming = read(`${folder}/streaming.json`) ?? kept.streaming;
kept.study = read(`${folder}/study.json`) ?? kept.study;
const demo = read(`${folder}/demo/report.json`);
if (demo) {
  const { matches, ledger, gas_used } = demo;
  const line = ({ job, provider, ending, price, burned, why }) => ({ job, provider, ending, price, burned, why });
  kept.demo = { matches: matches.map(line), ledger, gas_used };
}
writeFileSync("results/modicum.json", `${JSON.stringify(kept, null, 2)}\n`);
