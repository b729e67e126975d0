// The day, drawn interval by interval.
"use strict";

import { el, svg } from "./dom.js";
import { energy, time } from "./format.js";

const EDGE = { top: 22, right: 10, bottom: 26, left: 66 };

/** A round step that divides `most` into at most five parts. */
export function step(most) {
  const raw = Math.max(most, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((digit) => digit * power).find((candidate) => candidate >= raw);
}

/** A line that keeps each value for its whole interval. */
const stairs = (values, x, y) =>
  values.map((value, place) => `${place ? "L" : "M"}${x(place)} ${y(value)}L${x(place + 1)} ${y(value)}`).join("");

function words(row, group) {
  const state = { final: "final", lapsed: "lapsed, nothing was traded", open: "still open" }[row.state];
  const traded = row.state === "final" ? "traded" : "in the best plan";
  const energies = group === null
    ? `${traded} ${energy(row.sold_wh)}`
    : `sold ${energy(row.sold_wh)}, bought ${energy(row.bought_wh)} ${row.state === "final" ? "" : "by the best plan"}`;
  return {
    head: `Interval ${row.interval}, ${time(row.starts)}`,
    state,
    text: `offered ${energy(row.offered_wh)}, asked for ${energy(row.asked_wh)}, ${energies.trim()}`,
  };
}

/** Draws the day into `host`, and tells in `readout` of the interval that is pointed at. */
export class DayChart {
  constructor(host, readout) {
    this.host = host;
    this.readout = readout;
    this.chosen = null;
    host.addEventListener("keydown", (event) => this.key(event));
    host.addEventListener("pointermove", (event) => this.point(event));
    host.addEventListener("pointerdown", (event) => this.point(event));
    new ResizeObserver(() => this.data && this.draw()).observe(host);
  }

  show(data) {
    const isOther = this.data?.first !== data.first;
    this.data = data;
    if (isOther || this.chosen === null) {
      const inside = data.next_interval - data.first;
      this.chosen = Math.min(Math.max(inside, 0), data.intervals.length - 1);
    }
    this.draw();
  }

  key(event) {
    const last = this.data ? this.data.intervals.length - 1 : 0;
    const to = {
      ArrowLeft: this.chosen - 1,
      ArrowDown: this.chosen - 1,
      ArrowRight: this.chosen + 1,
      ArrowUp: this.chosen + 1,
      PageDown: this.chosen - 8,
      PageUp: this.chosen + 8,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined || !this.data) return;
    event.preventDefault();
    this.choose(Math.min(Math.max(to, 0), last));
  }

  point(event) {
    if (!this.data || !this.x) return;
    const box = this.host.getBoundingClientRect();
    const share = (event.clientX - box.left - EDGE.left) / (box.width - EDGE.left - EDGE.right);
    const place = Math.floor(share * this.data.intervals.length);
    if (place >= 0 && place < this.data.intervals.length) this.choose(place);
  }

  choose(place) {
    this.chosen = place;
    const row = this.data.intervals[place];
    const { head, state, text } = words(row, this.data.group);
    this.readout.replaceChildren(el("strong", null, head), ` (${state}): ${text}`);
    this.host.setAttribute("aria-valuenow", String(row.interval));
    this.host.setAttribute("aria-valuetext", `${head}, ${state}: ${text}`);
    this.mark?.setAttribute("x", this.x(place));
  }

  draw() {
    const { data, host } = this;
    const width = Math.max(host.clientWidth, 260);
    const height = width < 560 ? 250 : 320;
    const length = data.intervals.length;
    const most = Math.max(1, ...data.intervals.flatMap((r) => [r.offered_wh, r.asked_wh, r.sold_wh, r.bought_wh]));
    const limits = [data.internal_limit_wh, data.external_limit_wh];
    const shown = limits.filter((limit) => limit !== null && limit <= most * 1.5);
    document.getElementById("limit-key").hidden = shown.length === 0;
    const ticks = step(Math.max(most, ...shown) * 1.06);
    const top = Math.ceil((Math.max(most, ...shown) * 1.06) / ticks) * ticks;
    const x = (place) => EDGE.left + ((width - EDGE.left - EDGE.right) * place) / length;
    const y = (value) => height - EDGE.bottom - ((height - EDGE.top - EDGE.bottom) * value) / top;
    this.x = x;
    const base = y(0);
    const parts = [];
    const done = Math.min(Math.max(data.next_interval - data.first, 0), length);
    parts.push(svg("rect", { class: "past", x: x(0), y: EDGE.top, width: x(done) - x(0), height: base - EDGE.top }));
    for (let value = 0; value <= top; value += ticks) {
      parts.push(svg("line", { class: "grid", x1: x(0), x2: x(length), y1: y(value), y2: y(value) }));
      parts.push(svg("text", { class: "tick", x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }, axis(value, top)));
    }
    parts.push(...this.hours(x, height, width));
    const offered = data.intervals.map((row) => row.offered_wh);
    const asked = data.intervals.map((row) => row.asked_wh);
    parts.push(svg("path", { class: "offered-area", d: `${stairs(offered, x, y)}L${x(length)} ${base}L${x(0)} ${base}Z` }));
    parts.push(svg("path", { class: "offered", d: stairs(offered, x, y) }));
    parts.push(...this.bars(x, y));
    parts.push(svg("path", { class: "asked", d: stairs(asked, x, y) }));
    for (const [limit, name] of [[limits[0], "limit"], [limits[1], "net limit"]]) {
      if (limit === null || !shown.includes(limit)) continue;
      parts.push(svg("line", { class: "limit", x1: x(0), x2: x(length), y1: y(limit), y2: y(limit) }));
      parts.push(svg("text", { class: "limit-name", x: x(length) - 4, y: y(limit) - 5, "text-anchor": "end" }, `${name} ${energy(limit)}`));
    }
    if (done > 0 && done < length) {
      const left = width - x(done) > 130;
      parts.push(svg("line", { class: "final-line", x1: x(done), x2: x(done), y1: EDGE.top - 8, y2: base }));
      parts.push(svg("text", { class: "final-name", x: x(done) + (left ? 5 : -5), y: EDGE.top - 8, "text-anchor": left ? "start" : "end" }, left ? "◂ final up to here" : "final up to here ▸"));
    }
    this.mark = svg("rect", { class: "mark", x: x(this.chosen), y: EDGE.top, width: x(1) - x(0), height: base - EDGE.top });
    parts.push(this.mark);
    const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, pattern(), parts);
    host.replaceChildren(drawing);
    host.setAttribute("aria-valuemin", String(data.first));
    host.setAttribute("aria-valuemax", String(data.last));
    this.choose(this.chosen);
  }

  /** What is traded, or would be; of a group, what it sells beside what it buys. */
  bars(x, y) {
    const gap = x(1) - x(0) > 6 ? 1 : 0;
    const halves = this.data.group === null ? 1 : 2;
    return this.data.intervals.flatMap((row, place) =>
      [row.sold_wh, row.bought_wh].slice(0, halves).flatMap((value, half) => {
        if (value === 0) return [];
        const whole = x(place + 1) - x(place) - gap;
        const kind = `${row.state === "final" ? "traded" : "planned"}${half ? " bought" : ""}`;
        const height = Math.max(y(0) - y(value), 1);
        return [svg("rect", { class: kind, x: x(place) + gap / 2 + (whole / halves) * half, y: y(0) - height, width: whole / halves, height })];
      }),
    );
  }

  hours(x, height, width) {
    const { intervals } = this.data;
    const every = Math.max(1, Math.ceil(intervals.length / Math.floor((width - EDGE.left) / 52)));
    return intervals
      .filter((_, place) => place % every === 0)
      .map((row) => {
        const place = row.interval - this.data.first;
        return svg("text", { class: "tick", x: x(place), y: height - 8, "text-anchor": "middle" }, time(row.starts));
      });
  }
}

const axis = (value, top) => (top >= 10_000 ? `${value / 1000} kWh` : `${value} Wh`);

/** What is planned is hatched: told from what is final without its colour. */
const pattern = () =>
  svg("defs", null,
    svg("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("rect", { class: "hatch-ground", width: 5, height: 5 }),
      svg("line", { class: "hatch-line", x1: 0, x2: 0, y1: 0, y2: 5 })));
