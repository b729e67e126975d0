// Holds Slither's findings against the answers in a file: each finding needs an answer, and each answer a finding.
// Usage: node script/verify/slither.mjs FINDINGS ANSWERS
import { readFileSync } from "node:fs";

const [findingsPath, answersPath] = process.argv.slice(2);
const report = JSON.parse(readFileSync(findingsPath, "utf8"));
const answers = JSON.parse(readFileSync(answersPath, "utf8"));

// Where a finding is: its first element, with the contract (and function) that it is in.
function placeOf(finding) {
  const names = [];
  for (let e = finding.elements[0]; e; e = e.type_specific_fields?.parent) {
    if (e.type !== "node" && e.type !== "variable") names.unshift(e.name);
    else if (e.type === "variable") names.unshift(e.name);
  }
  return names.filter((name) => !name.endsWith(".sol")).join(".");
}

if (report.success !== true) {
  console.error(`slither: ${report.error}`);
  process.exit(1);
}
const found = new Set(report.results.detectors.map((f) => `${f.check} in ${placeOf(f)}`));
const answered = new Set(answers.flatMap((a) => a.places.map((place) => `${a.check} in ${place}`)));
const open = [...found].filter((f) => !answered.has(f)).sort();
const stale = [...answered].filter((a) => !found.has(a)).sort();
for (const f of open) console.error(`slither: no answer for ${f}`);
for (const a of stale) console.error(`slither: answered, but not found: ${a}`);
if (open.length + stale.length > 0) process.exit(1);
console.error(`slither: ${found.size} findings, each answered in ${answersPath}`);
