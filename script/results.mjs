#!/usr/bin/env node
// Writes RESULTS.md from what was measured: gas snapshots and `results/*.json`. Measures nothing itself.
//
// A system's part of the page is a module of `script/results/` whose `section()` returns it, or null where nothing was
// measured yet.
import { writeFileSync } from "node:fs";
import * as chaos from "./results/chaos.mjs";
import * as ledger from "./results/ledger.mjs";
import * as matching from "./results/matching.mjs";
import * as mint from "./results/mint.mjs";
import * as modicum from "./results/modicum.mjs";
import * as pow from "./results/pow.mjs";
import * as solidworx from "./results/solidworx.mjs";
import * as transax from "./results/transax.mjs";

const SECTIONS = [transax, matching, solidworx, modicum, ledger, mint, pow, chaos];

const header = `# Results

Written by \`make results\`, and for one system \`make results-…\`, from \`snapshots/\` and \`results/\`; do not edit. What
is not measured here is not claimed elsewhere.`;
const sections = SECTIONS.map((part) => part.section()).filter(Boolean);
writeFileSync("RESULTS.md", `${[header, ...sections].join("\n\n")}\n`);
