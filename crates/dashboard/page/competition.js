// The competition of solvers: what the best plan was worth, and whose it was.
"use strict";

import { el, rows, svg } from "./dom.js";
import { count, energy, short } from "./format.js";
import { step } from "./chart.js";

const EDGE = { top: 10, right: 10, bottom: 24, left: 66 };
const COLOURS = 6;
const CAUSES = { posted: "a better plan", final: "its first interval became final", lapsed: "its first interval lapsed" };

/** Which colour a solver has: by the order of the table. */
const colours = (solvers) => new Map(solvers.map(({ solver }, place) => [solver, place % COLOURS]));

export function showCompetition(parts, data) {
  const colour = colours(data.solvers);
  const name = (solver) =>
    el("span", { class: `solver c${colour.get(solver) ?? 0}`, title: solver }, short(solver));
  const best = data.candidate;
  parts.best.replaceChildren(
    ...(best
      ? [name(best.solver), ` has the best plan: ${energy(best.value_wh)} in ${count(best.intervals.length)} interval${best.intervals.length === 1 ? "" : "s"}`]
      : ["No plan is proposed at the moment."]),
  );
  const columns = ["Solver", "Plans", "Intervals", "Energy"];
  const lines = data.solvers.map((one) => [
    name(one.solver),
    { class: "number", of: count(one.solutions) },
    { class: "number", of: count(one.intervals) },
    { class: "number", of: energy(one.energy_wh) },
  ]);
  rows(parts.solvers, columns, lines, "No solver has proposed a plan yet.");
  draw(parts.chart, data.changes.slice(-120), colour);
}

function draw(host, changes, colour) {
  if (changes.length === 0) {
    host.replaceChildren();
    host.setAttribute("aria-label", "No plan was ever proposed.");
    return;
  }
  const width = Math.max(host.clientWidth, 240);
  const height = 180;
  const first = changes[0].block;
  const last = Math.max(changes.at(-1).block, first + 1);
  const most = Math.max(1, ...changes.map((change) => change.value_wh));
  const ticks = step(most);
  const top = Math.ceil(most / ticks) * ticks;
  const x = (block) => EDGE.left + ((width - EDGE.left - EDGE.right) * (block - first)) / (last - first);
  const y = (value) => height - EDGE.bottom - ((height - EDGE.top - EDGE.bottom) * value) / top;
  const parts = [];
  for (let value = 0; value <= top; value += ticks) {
    parts.push(svg("line", { class: "grid", x1: x(first), x2: x(last), y1: y(value), y2: y(value) }));
    const label = top >= 10_000 ? `${value / 1000} kWh` : `${value} Wh`;
    parts.push(svg("text", { class: "tick", x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }, label));
  }
  parts.push(svg("text", { class: "tick", x: x(first), y: height - 6 }, `block ${first}`));
  parts.push(svg("text", { class: "tick", x: x(last), y: height - 6, "text-anchor": "end" }, `block ${last}`));
  const line = changes.map((change, place) => {
    const to = changes[place + 1]?.block ?? last;
    return `${place ? "L" : "M"}${x(change.block)} ${y(change.value_wh)}L${x(to)} ${y(change.value_wh)}`;
  });
  parts.push(svg("path", { class: "value", d: line.join("") }));
  for (const change of changes) {
    const place = { class: `${change.cause} c${colour.get(change.solver) ?? 0}`, cx: x(change.block), cy: y(change.value_wh) };
    const title = svg("title", null, `block ${change.block}: ${energy(change.value_wh)}, ${CAUSES[change.cause]}, ${short(change.solver)}`);
    parts.push(svg("circle", { ...place, r: change.cause === "posted" ? 4.5 : 3 }, title));
  }
  const plans = changes.filter((change) => change.cause === "posted").length;
  host.setAttribute("aria-label", `Value of the best plan from block ${first} to ${last}: ${plans} better plans, ${energy(changes.at(-1).value_wh)} in the end.`);
  host.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, parts));
}
