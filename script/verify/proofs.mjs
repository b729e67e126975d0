// Holds the results of Halmos to more than its exit code: every proof passed, none stopped at a loop's bound, and each
// of S1 to S5 and S7 has one. Usage: node script/verify/proofs.mjs RESULTS...
import { readFileSync } from "node:fs";

const results = process.argv.slice(2).flatMap((path) => {
  const report = JSON.parse(readFileSync(path, "utf8"));
  return Object.values(report.test_results).flat();
});
const bad = results.filter((r) => r.exitcode !== 0 || r.num_bounded_loops !== 0);
for (const r of bad) console.error(`halmos: ${r.name}: exit code ${r.exitcode}, ${r.num_bounded_loops} loops cut short`);
const missing = ["S1", "S2", "S3", "S4", "S5", "S7"].filter((number) => !results.some((r) => r.name.includes(`${number}_`)));
if (missing.length > 0) console.error(`halmos: no proof of ${missing.join(", ")}`);
for (const r of results) console.error(`halmos: ${r.name.split("(")[0]}: ${r.num_paths[0]} paths, ${r.time[0].toFixed(1)} s`);
if (bad.length + missing.length > 0) process.exit(1);
console.error(`halmos: ${results.length} proofs hold`);
