// A trading day with faults of every kind, each compared with the undisturbed one.
import { measured, number, table } from "./format.mjs";

export function section() {
  const chaos = measured("chaos");
  if (!chaos) return null;
  const { seed, steps, traded_wh: traded, days } = chaos;
  const sum = (name) => days.reduce((all, day) => all + day[name], 0);
  const rows = days.map((day) => [day.day, number(day.steps), number(day.kills), number(day.reorganisations),
    number(day.faults), number(day.traded_wh), number(day.repeated), number(day.money_lost), number(day.energy_lost_wh),
    day.lapsed_wh ? number(day.lapsed_wh) : ""]);
  const all = ["all", ...["steps", "kills", "reorganisations", "faults"].map((name) => number(sum(name))), "",
    ...["repeated", "money_lost", "energy_lost_wh"].map((name) => number(sum(name))), number(sum("lapsed_wh"))];
  const deepest = Math.max(...days.map((day) => day.deepest));
  return `## Faults

\`make chaos\`: a trading day of three homes, the DSO and two solvers, each a process; undisturbed it has ${number(steps)}
steps and trades ${number(traded)} Wh. Each row is that day again with one kind of fault, seed ${number(seed)}, compared in every
interval and with every home; reorganisations go to depth ${deepest}. What lapsed is of an interval in which nobody could act,
and nobody paid for it. The days are described in [tests/chaos](tests/chaos/README.md).

${table(["day", "steps", "kills", "reorganisations", "faults", "traded, Wh", "actions repeated", "money lost", "energy lost, Wh",
    "lapsed, Wh"], [...rows, all])}`;
}
