// Lists: offers, trades, news, matches, cycles.
"use strict";

import { byId, el, rows } from "./dom.js";
import { count, energy, second, short, time, tokens } from "./format.js";

export const address = (value) => el("span", { class: "address", title: value ?? "" }, short(value));
const number = (of) => ({ class: "number", of });

/** `own` and `cancel` are of the wallet that is connected, if one is. */
export function showOffers(offers, params, decimals, own, cancel) {
  const at = (interval) => time(params.genesis + interval * params.interval_seconds);
  const columns = ["Offer", "Side", "Energy", "Traded", "Price a kWh", "Intervals", "By", ""];
  const lines = offers.map((offer) => {
    const isOwn = own !== null && offer.account?.toLowerCase() === own.toLowerCase();
    const button = isOwn && offer.is_cancellable
      ? el("button", { type: "button", class: "small", onclick: () => cancel(offer.offer), "aria-label": `Cancel offer ${offer.offer}` }, "Cancel")
      : offer.state === "over" ? el("span", { class: "muted" }, "over") : "";
    return [
      `${offer.offer}`,
      el("span", { class: `side ${offer.side}` }, offer.side),
      number(energy(offer.energy_wh)),
      number(energy(offer.traded_wh)),
      number(tokens(offer.price_base_units, decimals)),
      offer.end < offer.start ? "none" : `${offer.start}–${offer.end}, ${at(offer.start)}–${at(offer.end + 1)}`,
      isOwn ? el("strong", null, "you") : address(offer.account),
      button,
    ];
  });
  rows(byId("offers"), columns, lines, "There are none.");
}

export function showTrades(trades, decimals) {
  const columns = ["Interval", "Side", "Energy", "Payment", "By", "Offer", "Plan of"];
  const lines = trades.map((trade) => [
    `${trade.interval}, ${time(trade.starts)}`,
    el("span", { class: `side ${trade.side}` }, trade.side === "sell" ? "sold" : "bought"),
    number(energy(trade.energy_wh)),
    number(tokens(trade.payment_base_units, decimals)),
    address(trade.account),
    number(`${trade.offer}`),
    address(trade.solver),
  ]);
  rows(byId("trades"), columns, lines, "Nothing is final yet that was traded.");
}

export function showNews(news) {
  const line = (one) =>
    el("li", { class: one.kind }, el("span", { class: "block" }, `block ${one.block}`), el("span", null, one.text));
  byId("news").replaceChildren(...(news.length ? news.map(line) : [el("li", { class: "muted" }, "Nothing yet.")]));
}

export function showJobs(jobs) {
  const columns = ["Match", "Creator", "Provider", "Result", "Dispute", "Ends"];
  const lines = jobs.matches.map((match) => [
    address(match.id),
    address(match.creator),
    address(match.provider),
    match.status ? `${match.status}, ${tokens(match.price_base_units, jobs.token_decimals)}` : "none yet",
    match.rejected
      ? el("span", { class: "dispute" }, `${match.rejected}${match.finding ? `; found: ${match.finding}` : `; verdict by ${second(match.verdict_until)}`}`)
      : "–",
    match.ending ?? `waits for a ${match.waits_for}`,
  ]);
  rows(byId("matches"), columns, lines, "Nobody was matched yet.");
  const burned = tokens(jobs.burned_base_units, jobs.token_decimals);
  byId("jobs-words").textContent =
    `${count(jobs.open_jobs)} jobs and ${count(jobs.open_resources)} resources on offer; ` +
    `${count(jobs.matches_ever)} matches, ${count(jobs.disputes_ever)} disputed; ` +
    `${tokens(jobs.held_base_units, jobs.token_decimals)} tokens held, ${burned} burned.`;
}

export function showCycles(cycles) {
  const phase = { init: "not set up", receive: "takes offers", solve: "is being solved" }[cycles.state];
  const over = cycles.time >= cycles.phase_end ? ", which is over" : "";
  const best = cycles.candidate
    ? ` The best allocation is worth ${cycles.candidate.value} in ${count(cycles.candidate.assignments)} assignments, by ${short(cycles.candidate.solver)}.`
    : "";
  byId("cycles-words").textContent =
    `Cycle ${cycles.cycle} ${phase} until ${second(cycles.phase_end)}${over}; ${count(cycles.offers)} offers.${best}`;
  const lines = cycles.outcomes.map((one) => [`${one.cycle}`, number(one.value), number(count(one.assignments)), address(one.solver)]);
  rows(byId("outcomes"), ["Cycle", "Value", "Assignments", "Solver"], lines, "No cycle is over yet.");
}
