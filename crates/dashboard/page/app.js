// Reads what the server knows, shows it, and does so again whenever the chain tells something new.
"use strict";

import { byId, el } from "./dom.js";
import { DayChart } from "./chart.js";
import { showCompetition } from "./competition.js";
import { count, day, energy, second, short, time } from "./format.js";
import { showCycles, showJobs, showNews, showOffers, showTrades } from "./tables.js";
import { Wallet, readTerms, showTerms } from "./wallet.js";

const state = { market: null, first: null, group: null, offers: "open", limits: { offers: 10, trades: 10 } };
const MOST = 200;
const chart = new DayChart(byId("chart"), byId("readout"));
const form = byId("offer-form");
const wallet = new Wallet(() => state.market.transax, () => state.market.chain_id, () => {
  showWallet();
  schedule();
});

async function ask(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
  return answer.json();
}

/** Everything that is shown, read anew. */
async function load() {
  const market = await ask("/api/market");
  state.market = market;
  const parts = [ask("/api/news?limit=30").then(({ news }) => showNews(news))];
  byId("energy").hidden = market.transax === null;
  byId("jobs").hidden = market.modicum === null;
  byId("cycles").hidden = market.solidworx === null;
  if (market.transax) parts.push(loadEnergy(market.transax));
  if (market.modicum) parts.push(ask("/api/modicum").then(showJobs));
  if (market.solidworx) parts.push(ask("/api/solidworx").then(showCycles));
  await Promise.all(parts);
  document.body.dataset.loaded = "true";
}

async function loadEnergy(market) {
  showGlance(market);
  const wanted = new URLSearchParams();
  if (state.first !== null) wanted.set("first", state.first);
  if (state.group !== null) wanted.set("group", state.group);
  const mine = state.offers === "mine" && wallet.account;
  const offers = mine ? `state=all&account=${wallet.account}` : `state=${state.offers === "all" ? "all" : "open"}`;
  const { limits } = state;
  const [shown, competition, offered, traded] = await Promise.all([
    ask(`/api/day?${wanted}`),
    ask("/api/competition"),
    ask(`/api/offers?limit=${limits.offers}&${offers}`),
    ask(`/api/trades?limit=${limits.trades}`),
  ]);
  showDay(shown, market);
  showCompetition({ best: byId("best"), solvers: byId("solvers"), chart: byId("values") }, competition);
  showOffers(offered.offers, market.params, market.token_decimals, wallet.account, (offer) => wallet.cancel(offer));
  showTrades(traded.trades, market.token_decimals);
  byId("more-offers").hidden = offered.before === null || limits.offers === MOST;
  byId("more-trades").hidden = traded.before === null || limits.trades === MOST;
  showWallet();
}

function showGlance(market) {
  byId("place").replaceChildren(`chain ${state.market.chain_id}, market `, el("code", { title: market.market }, short(market.market)));
  byId("block").textContent = `block ${count(market.block)}, ${second(market.time)}`;
  const { next_interval: next, next_starts: starts, next_finalizable_at: until } = market;
  const isFrozen = market.time >= until;
  byId("now").replaceChildren(
    el("strong", null, `Interval ${next}`),
    `, which starts at ${time(starts)}, `,
    isFrozen ? "waits to be made final." : `can be traded until ${second(until)}.`,
  );
  const select = byId("group");
  const groups = ["all groups", ...market.groups.map(({ group }) => `group ${group}`)];
  if (select.options.length !== groups.length) {
    select.replaceChildren(...groups.map((name, place) => el("option", { value: place === 0 ? "" : market.groups[place - 1].group }, name)));
  }
}

function showDay(shown, market) {
  chart.show(shown);
  byId("date").textContent = `${day(shown.intervals[0].starts)}, intervals ${shown.first} to ${shown.last}`;
  const figures = [
    ["Offered for sale", shown.offered_wh],
    ["Asked for", shown.asked_wh],
    ["Traded, final", shown.traded_wh],
    ["In the best plan", shown.planned_wh],
  ];
  byId("figures").replaceChildren(
    ...figures.map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, energy(value)))),
  );
  const limit = shown.internal_limit_wh;
  const whose = shown.group === null ? "all groups together" : `group ${shown.group}`;
  const net = shown.external_limit_wh === null ? "" : `, and a net limit of ${energy(shown.external_limit_wh)}`;
  byId("limits").textContent = limit === null && !net
    ? `No limit for ${whose}.`
    : `Limit for ${whose}: ${limit === null ? "none within" : energy(limit)} an interval${net}.`;
  byId("previous").disabled = shown.first === 0;
  byId("bought-key").hidden = shown.group === null;
  const rows = shown.intervals.map((row) => [row.interval, time(row.starts), row.state, row.offered_wh, row.asked_wh, row.sold_wh, row.bought_wh]);
  byId("day-rows").replaceChildren(...rows.map((cells) => el("tr", null, cells.map((cell) => el("td", null, `${cell}`)))));
  const length = market.intervals_a_day;
  byId("previous").onclick = () => turn(Math.max(shown.first - length, 0));
  byId("next").onclick = () => turn(shown.first + length);
}

function turn(first) {
  state.first = first;
  schedule(0);
}

function showWallet() {
  const has = Boolean(wallet.injected);
  byId("no-wallet").hidden = has;
  byId("connect").hidden = !has || wallet.account !== null;
  form.hidden = wallet.account === null;
  byId("mine").disabled = wallet.account === null;
  byId("send").disabled = wallet.busy;
  if (wallet.account !== null) showTerms(form, terms(), state.market.transax);
}

function terms() {
  const value = (name) => form.elements[name].value;
  const fields = { side: value("side"), energy: value("energy"), price: value("price"), from: value("from"), to: value("to") };
  return readTerms(fields, state.market.transax);
}

/** Soon, once for everything that happens until then. */
let timer = null;
let isLoading = false;
function schedule(pause = 200) {
  timer ??= setTimeout(async () => {
    timer = null;
    if (isLoading) return schedule();
    isLoading = true;
    try {
      await load();
      byId("trouble").hidden = true;
    } catch (error) {
      byId("trouble").textContent = `What is shown may be old: ${error.message}`;
      byId("trouble").hidden = false;
      setTimeout(schedule, 2000);
    }
    isLoading = false;
  }, pause);
}

function live(text, isGood) {
  byId("live").textContent = text;
  byId("live").classList.toggle("good", isGood);
}

/** Browsers reconnect by themselves, and say what they heard last; a refusal ends that. */
function listen() {
  const events = new EventSource("/api/events");
  events.onopen = () => live("live", true);
  events.onerror = () => {
    live("reconnecting…", false);
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  };
  events.addEventListener("hello", () => schedule(0));
  events.addEventListener("reset", () => schedule(0));
  events.addEventListener("block", ({ data }) => {
    const { system, block, time: now, has_news: hasNews } = JSON.parse(data);
    const market = state.market?.transax;
    if (system === "transax") byId("block").textContent = `block ${count(block)}, ${second(now)}`;
    const isDue = market && (now >= market.next_starts || (now >= market.next_finalizable_at && market.time < market.next_finalizable_at));
    if (hasNews || isDue) schedule();
  });
}

byId("group").addEventListener("change", ({ target }) => {
  state.group = target.value === "" ? null : Number(target.value);
  schedule(0);
});
for (const list of ["offers", "trades"]) {
  byId(`more-${list}`).addEventListener("click", () => {
    state.limits[list] = Math.min(state.limits[list] * 4, MOST);
    schedule(0);
  });
}
byId("today").addEventListener("click", () => turn(null));
byId("connect").addEventListener("click", () => wallet.connect());
for (const choice of document.querySelectorAll("input[name=which]")) {
  choice.addEventListener("change", () => {
    state.offers = choice.value;
    schedule(0);
  });
}
form.addEventListener("input", ({ target }) => {
  target.dataset.touched = "";
  showTerms(form, terms(), state.market.transax);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  for (const name of ["energy", "price", "from", "to"]) form.elements[name].dataset.touched = "";
  const read = terms();
  if (showTerms(form, read, state.market.transax)) wallet.post(read);
  else form.querySelector("[aria-invalid=true]")?.focus();
});
listen();
