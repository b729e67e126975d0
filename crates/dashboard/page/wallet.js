// A browser's wallet: it signs what is offered here; the page never sees a key.
"use strict";

import { byId, el } from "./dom.js";
import { baseUnits, energy, short, time, tokens } from "./format.js";

const MOST_ENERGY = 2 ** 32 - 1;
const HIGHEST_PRICE = 2n ** 40n - 1n;
const LAST_INTERVAL = 2 ** 24 - 1;
const SIDES = { sell: 0, buy: 1 };

/** An interval as on the command line: its index, `next` or `next+3`. */
function interval(text, next) {
  const parts = /^(?:(\d{1,8})|next(?:\+(\d{1,8}))?)$/.exec(text.trim());
  if (!parts) throw new Error("Give an interval's index, next, or next+3.");
  const index = parts[1] !== undefined ? Number(parts[1]) : next + Number(parts[2] ?? 0);
  if (index > LAST_INTERVAL) throw new Error(`Intervals are counted up to ${LAST_INTERVAL}.`);
  return index;
}

/** Every field read; `errors` by field where one makes no sense. */
export function readTerms(fields, market) {
  const errors = {};
  const read = (name, reader) => {
    try {
      return reader(fields[name]);
    } catch (error) {
      errors[name] = error.message;
      return undefined;
    }
  };
  const amount = read("energy", (text) => {
    const wh = /^\d{1,10}$/.test(text.trim()) ? Number(text) : 0;
    if (wh < 1 || wh > MOST_ENERGY) throw new Error(`Give whole watt-hours, from 1 to ${MOST_ENERGY}.`);
    return wh;
  });
  const price = read("price", (text) => {
    const units = baseUnits(text, market.token_decimals);
    if (units > HIGHEST_PRICE) throw new Error(`At most ${tokens(HIGHEST_PRICE, market.token_decimals)} a kWh.`);
    return units;
  });
  const start = read("from", (text) => {
    const index = interval(text, market.next_interval);
    if (index < market.next_interval) throw new Error(`The first that can be traded is ${market.next_interval}.`);
    return index;
  });
  const end = read("to", (text) => {
    const index = text.trim() === "" ? start : interval(text, market.next_interval);
    if (index === undefined) return undefined;
    if (start !== undefined && index < start) throw new Error("The last interval lies before the first; swap them.");
    if (index > market.offers_reach) throw new Error(`Offers reach up to interval ${market.offers_reach} now.`);
    return index;
  });
  return { side: fields.side, energy: amount, price, start, end, errors };
}

/** The data of a revert, wherever a wallet hid it. */
function revertData(error) {
  const places = [error?.data, error?.info?.error?.data, error?.info?.error?.data?.data, error?.error?.data, error?.cause?.data];
  return places.find((data) => typeof data === "string" && /^0x[0-9a-fA-F]{8,}$/.test(data));
}

async function reason(error) {
  const data = revertData(error);
  if (data) {
    const answer = await fetch(`/api/refusal?data=${data}`);
    if (answer.ok) return `The contract refuses: ${(await answer.json()).reason}.`;
  }
  if (error?.code === "ACTION_REJECTED" || error?.code === 4001) return "You declined it in the wallet; nothing was sent.";
  if (error?.code === "INSUFFICIENT_FUNDS") return "The account has too little ether for the gas.";
  return error?.shortMessage ?? error?.message ?? "The wallet gives no reason.";
}

export class Wallet {
  /** `changed` is called when the account has become another, or something was sent. */
  constructor(market, chainId, changed) {
    this.market = market;
    this.chainId = chainId;
    this.changed = changed;
    this.account = null;
    this.busy = false;
  }

  get injected() {
    return window.ethereum;
  }

  async connect() {
    this.say("info", "Asking the wallet…");
    try {
      this.ethers ??= await import("/ethers.js");
      this.abi ??= await (await fetch("/api/abi")).json();
      this.provider = new this.ethers.BrowserProvider(this.injected, "any", { pollingInterval: 1000 });
      await this.provider.send("eth_requestAccounts", []);
      await this.rightChain();
      const signer = await this.provider.getSigner();
      this.account = await signer.getAddress();
      this.contract = new this.ethers.Contract(this.market().market, this.abi, signer);
      this.heed();
      this.say("good", `Connected as ${this.account}.`);
    } catch (error) {
      this.account = null;
      this.say("bad", await reason(error));
    }
    this.changed();
  }

  /** A wallet that moves to another account or chain is asked again. */
  heed() {
    if (this.isHeeded) return;
    this.isHeeded = true;
    for (const event of ["accountsChanged", "chainChanged"]) this.injected.on?.(event, () => this.forget());
  }

  forget() {
    if (this.account === null) return;
    this.account = null;
    this.say("info", "The wallet has changed; connect again.");
    this.changed();
  }

  async rightChain() {
    const wanted = BigInt(this.chainId());
    if ((await this.provider.getNetwork()).chainId === wanted) return;
    await this.provider.send("wallet_switchEthereumChain", [{ chainId: `0x${wanted.toString(16)}` }]);
    if ((await this.provider.getNetwork()).chainId !== wanted) {
      throw new Error(`The market is on chain ${wanted}; choose it in the wallet.`);
    }
  }

  say(kind, ...words) {
    byId("wallet-says").replaceChildren(el("p", { class: kind }, ...words));
  }

  /** Tries it without sending first, so that a refusal costs nothing; then sends, and waits. */
  async send(name, method, terms, done) {
    if (this.busy) return;
    this.busy = true;
    const steps = el("ol", { class: "steps" });
    byId("wallet-says").replaceChildren(el("p", null, name), steps);
    const step = (text, kind) => {
      steps.lastElementChild?.classList.add("done");
      steps.append(el("li", { class: kind }, text));
    };
    try {
      step("The contract is asked whether it would take it");
      await this.contract[method].staticCall(...terms);
      step("Confirm it in the wallet");
      const sent = await this.contract[method](...terms);
      step(el("span", null, "Sent as ", el("code", { title: sent.hash }, short(sent.hash)), "; waiting for a block"));
      const receipt = await this.landed(sent, method, terms);
      const logs = receipt.logs.map((log) => this.contract.interface.parseLog(log)).filter(Boolean);
      step(`In block ${receipt.blockNumber}: ${done(logs)}`, "good");
      steps.lastElementChild.classList.add("done");
    } catch (error) {
      steps.append(el("li", { class: "bad" }, await reason(error)));
    }
    this.busy = false;
    this.changed();
  }

  /** Its receipt; where it failed, why: the same asked again on the block that holds it. */
  async landed(sent, method, terms) {
    try {
      return await sent.wait();
    } catch (error) {
      const blockTag = error?.receipt?.blockNumber;
      if (blockTag !== undefined && !revertData(error)) await this.contract[method].staticCall(...terms, { blockTag });
      throw error;
    }
  }

  post({ side, energy: wh, price, start, end }) {
    const name = `Offer to ${side} ${energy(wh)} in intervals ${start} to ${end}`;
    return this.send(name, "postOffer", [SIDES[side], wh, price, start, end], (logs) => {
      const posted = logs.find((log) => log.name === "OfferPosted");
      return `offer ${posted?.args.offer} is posted`;
    });
  }

  cancel(offer) {
    return this.send(`Cancel offer ${offer}`, "cancelOffer", [offer], (logs) => {
      const cancelled = logs.find((log) => log.name === "OfferCancelled");
      return `offer ${offer} ends with interval ${cancelled?.args.end}; what it held for later ones is free again`;
    });
  }
}

/** The form: what it says of each field, and of the whole. */
export function showTerms(form, terms, market) {
  for (const name of ["energy", "price", "from", "to"]) {
    const error = terms.errors[name];
    const isTouched = form.elements[name].dataset.touched !== undefined;
    form.elements[name].setAttribute("aria-invalid", String(Boolean(error && isTouched)));
    byId(`${name}-error`).textContent = error && isTouched ? error : "";
  }
  const { side, energy: wh, price, start, end } = terms;
  const isWhole = Object.keys(terms.errors).length === 0;
  const { genesis, interval_seconds: length } = market.params;
  byId("terms").textContent = isWhole
    ? `${side === "sell" ? "Sell" : "Buy"} up to ${energy(wh)} between ${time(genesis + start * length)} and ` +
      `${time(genesis + (end + 1) * length)}, for ${tokens(price, market.token_decimals)} tokens a kWh or ${side === "sell" ? "more" : "less"}.`
    : "";
  return isWhole;
}
