// A trading day, and jobs between strangers, with faults of every kind, each compared with the undisturbed one.
import { measured, number, table } from "./format.mjs";

const COUNTS = ["steps", "kills", "reorganisations", "faults"];

const sum = (rows, name) => rows.reduce((all, row) => all + row[name], 0);

const counts = (row) => COUNTS.map((name) => number(row[name]));

const sums = (rows, names) => names.map((name) => number(sum(rows, name)));

const deepest = (rows) => Math.max(...rows.map((row) => row.deepest));

function days({ seed, steps, traded_wh: traded, days: rows }) {
  const lines = rows.map((day) => [day.day, ...counts(day), number(day.traded_wh), number(day.repeated),
    number(day.money_lost), number(day.energy_lost_wh), day.lapsed_wh ? number(day.lapsed_wh) : ""]);
  const all = ["all", ...sums(rows, COUNTS), "", ...sums(rows, ["repeated", "money_lost", "energy_lost_wh"]),
    number(sum(rows, "lapsed_wh"))];
  return `\`make chaos\`: a trading day of three homes, the DSO and two solvers, each a process; undisturbed it has ${number(steps)}
steps and trades ${number(traded)} Wh. Each row is that day again with one kind of fault, seed ${number(seed)}, compared in every
interval and with every home; reorganisations go to depth ${deepest(rows)}. What lapsed is of an interval in which nobody could act,
and nobody paid for it. The days are described in [tests/chaos](tests/chaos/README.md).

${table(["day", "steps", "kills", "reorganisations", "faults", "traded, Wh", "actions repeated", "money lost", "energy lost, Wh",
    "lapsed, Wh"], [...lines, all])}`;
}

function matches({ steps, rows }) {
  const undisturbed = Object.entries(steps).map(([plot, count]) => `${plot.toLowerCase()} ${number(count)}`).join(", ");
  const lines = rows.map((row) => [row.day, ...counts(row), number(row.repeated), number(row.left_out),
    number(row.money_lost), row.endings.join(", ") || "no match", row.lapses ? "yes" : ""]);
  const all = ["all", ...sums(rows, COUNTS), ...sums(rows, ["repeated", "left_out", "money_lost"]), "", ""];
  return `A job of MODiCuM between strangers: creator, provider, solver, directory and mediator, each a process. In three plots its
result is accepted, its provider cheated, or its creator denied a right result; undisturbed they have so many steps:
${undisturbed}. Each row is one of them again with one kind of fault, compared by its ending, by how often each thing was
done, and by the money of each; reorganisations go to depth ${deepest(rows)}. Where a role is gone for good the match lapses to the
ending that is stated for it, and all money that came in went out, is held or was burned.

${table(["plot and fault", "steps", "kills", "reorganisations", "faults", "actions repeated", "left out", "money lost",
    "ended by", "lapsed"], [...lines, all])}`;
}

export function section() {
  const chaos = measured("chaos");
  if (!chaos) return null;
  return `## Faults

${days(chaos)}

${matches(chaos.matches)}`;
}
