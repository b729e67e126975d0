// How sections of RESULTS.md read what was measured and write tables.
import { existsSync, readFileSync } from "node:fs";

export const number = (n) => Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
export const decimal = (n, places) => n.toFixed(places);
export const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** What a benchmark or an experiment left in `results/NAME.json`; null where it has never been run. */
export const measured = (name) => (existsSync(`results/${name}.json`) ? read(`results/${name}.json`) : null);

const row = (cells) => `| ${cells.join(" | ")} |`;

/** A table whose first column is text and whose others are figures. */
export const table = (header, rows) =>
  [row(header), row(["---", ...header.slice(1).map(() => "--:")]), ...rows.map(row)].join("\n");
