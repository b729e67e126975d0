// Figures as people read them.
"use strict";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const exact = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const date = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const kilo = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const time = (unix) => clock.format(unix * 1000);
export const second = (unix) => exact.format(unix * 1000);
export const day = (unix) => date.format(unix * 1000);
export const count = (value) => number.format(value);
export const energy = (wh) => (wh >= 10_000 ? `${kilo.format(wh / 1000)} kWh` : `${number.format(wh)} Wh`);
export const short = (long) => (long && long.length > 12 ? `${long.slice(0, 6)}…${long.slice(-4)}` : (long ?? "–"));

/** Base units, a decimal number or a string of one, in whole tokens. */
export function tokens(units, decimals) {
  const scale = 10n ** BigInt(decimals);
  const amount = BigInt(units);
  const fraction = (amount % scale).toString().padStart(decimals, "0").replace(/0+$/, "");
  return `${amount / scale}${fraction ? `.${fraction}` : ""}`;
}

/** A plain decimal number of tokens in base units. */
export function baseUnits(text, decimals) {
  const parts = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text.trim());
  if (!parts) throw new Error("Give a plain decimal number such as 0.24.");
  const fraction = parts[2] ?? "";
  if (fraction.length > decimals) throw new Error(`The token has only ${decimals} digits after the point.`);
  return BigInt(parts[1] + fraction.padEnd(decimals, "0"));
}
