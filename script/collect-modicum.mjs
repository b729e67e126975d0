#!/usr/bin/env node
// Gathers what MODiCuM's measuring commands left in a folder into results/modicum.json; parts that are missing keep their
// last figures.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
const read = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined);
const kept = read("results/modicum.json") ?? {};
kept.streaming = read(`${folder}/streaming.json`) ?? kept.streaming;
writeFileSync("results/modicum.json", `${JSON.stringify(kept, null, 2)}\n`);
