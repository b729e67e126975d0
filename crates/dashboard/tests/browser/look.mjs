// Opens the page in a browser as people have it, looks at it, and trades on it with a wallet whose keys a local node holds.
//
// Takes from the environment: PAGE and NODE (addresses), ACCOUNT (unlocked at the node, registered in the market),
// CHROMIUM (the program), PICTURES (a folder). Ends with 0 where everything is as it should be.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

const { PAGE, NODE, ACCOUNT, CHROMIUM, PICTURES } = process.env;
const SIZES = [{ width: 375, height: 812 }, { width: 1280, height: 900 }];
const SCHEMES = ["light", "dark"];
const PATIENCE = 30_000;

await mkdir(PICTURES, { recursive: true });
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath: CHROMIUM, args });
try {
  for (const viewport of SIZES) {
    for (const colorScheme of SCHEMES) await visit(viewport, colorScheme);
  }
} finally {
  await browser.close();
}
console.log("seen");

/** One browser of its own, at one size, in one scheme. */
async function visit(viewport, colorScheme) {
  const name = `${viewport.width}-${colorScheme}`;
  const context = await browser.newContext({ viewport, colorScheme, timezoneId: "UTC", locale: "en-GB", reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const faults = watch(page);
  await page.exposeBinding("askNode", (_, request) => askNode(request));
  await page.addInitScript(installWallet, ACCOUNT);
  await page.goto(PAGE);
  await page.waitForSelector("body[data-loaded]");
  await page.getByText("live", { exact: true }).waitFor();
  await looksRight(page, name, colorScheme);
  await readsByKeyboard(page);
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  await trades(page, name);
  assert.deepEqual(faults, [], `${name}: faults`);
  await context.close();
}

/** Whatever a browser complains about, and whatever is asked of anybody else. */
function watch(page) {
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(PAGE)) faults.push(`asked ${request.url()}`);
  });
  page.exposeBinding("violated", (_, what) => faults.push(`policy: ${what}`));
  page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => window.violated(`${event.violatedDirective} ${event.blockedURI}`));
  });
  return faults;
}

async function looksRight(page, name, scheme) {
  for (const heading of ["The day", "Solvers compete", "Offer energy", "Offers", "Trades", "Computing jobs", "Cycles", "What happened last"]) {
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
  }
  const text = await page.locator("main").innerText();
  for (const words of ["can be traded until", "has the best plan", "Cycle 1 takes offers", "0 jobs and 0 resources on offer"]) {
    assert.ok(text.includes(words), `${name}: ${JSON.stringify(words)} is not on the page:\n${text}`);
  }
  const drawn = (kind) => page.locator(`#chart svg .${kind}`).count();
  for (const kind of ["offered", "asked", "traded", "planned", "final-line"]) assert.ok(await drawn(kind), `${name}: no ${kind} in the chart`);
  assert.ok(await page.locator("#values svg .posted").count(), `${name}: no plan in the competition`);
  assert.ok((await page.locator("#trades tr").count()) > 1 && (await page.locator("#offers tr").count()) > 1);
  await fits(page, name);
  assert.deepEqual(await page.evaluate(unreadable), [], `${name}: too little contrast`);
  assert.deepEqual(await page.evaluate(unnamed), [], `${name}: nobody can tell what these are`);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await ground();
  const isDark = (colour) => Number(/\d+/.exec(colour)[0]) < 128;
  assert.equal(isDark(before), scheme === "dark", `${name}: the ground is ${before}`);
  const button = page.getByRole("button", { name: "Dark", exact: true });
  await button.click();
  assert.equal(isDark(await ground()), scheme !== "dark", `${name}: the switch does nothing`);
  assert.deepEqual(await page.evaluate(unreadable), [], `${name}: too little contrast after the switch`);
  await button.click();
}

async function fits(page, name) {
  const { has, wants } = await page.evaluate(() => ({
    has: document.documentElement.clientWidth,
    wants: document.documentElement.scrollWidth,
  }));
  assert.ok(wants <= has, `${name}: ${wants} px of content in ${has} px`);
}

async function readsByKeyboard(page) {
  await page.locator("#chart").focus();
  await page.keyboard.press("Home");
  const first = await page.locator("#chart").getAttribute("aria-valuenow");
  await page.keyboard.press("ArrowRight");
  const chart = page.locator("#chart");
  assert.equal(Number(await chart.getAttribute("aria-valuenow")), Number(first) + 1);
  assert.match(await chart.getAttribute("aria-valuetext"), /^Interval 1, .*traded \d/);
  assert.equal(await page.locator("#readout strong").innerText(), (await chart.getAttribute("aria-valuetext")).split(", final")[0]);
}

/** Text whose colour is too close to what is behind it (WCAG 2.2, 1.4.3: 4.5, or 3 where it is large). */
function unreadable() {
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const bad = [];
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const isSeen = node.checkVisibility() && !node.closest(".hidden, .skip, svg, script, :disabled");
    if (!walker.currentNode.data.trim() || !isSeen) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(parse(style.color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return bad;
}

/** Controls without a name, and tables without headings. */
function unnamed() {
  const controls = [...document.querySelectorAll("button, input, select, [role=slider], [role=img], [role=region]")];
  const nameless = controls.filter((node) =>
    !(node.getAttribute("aria-label") || node.labels?.length || node.textContent.trim()));
  const bare = [...document.querySelectorAll("table")].filter((table) => !table.querySelector("th[scope=col]"));
  return [...nameless, ...bare].map((node) => node.outerHTML.slice(0, 80));
}

/** Posts an offer and takes a part of it back, as far as the contract, the wallet and the form let one. */
async function trades(page, name) {
  const says = (words) => page.locator("#wallet-says").getByText(words).waitFor();
  const field = (label) => page.getByLabel(label, { exact: false });
  const post = page.getByRole("button", { name: "Post the offer" });
  await page.getByRole("button", { name: "Connect a wallet" }).click();
  await says(`Connected as ${ACCOUNT}`);
  const wrong = [
    ["Energy, Wh in all", "0.5", "whole watt-hours"],
    ["Price, tokens a kWh", "0.1234567", "only 6 digits after the point"],
    ["First interval", "0", "The first that can be traded is"],
    ["Last interval", "next+9999", "Offers reach up to"],
  ];
  for (const [label, value] of wrong) await field(label).fill(value);
  await post.click();
  for (const [label, , words] of wrong) {
    await page.getByText(words).waitFor();
    assert.equal(await field(label).getAttribute("aria-invalid"), "true", `${name}: ${label}`);
  }
  await fits(page, `${name}, with errors`);
  const good = { "Energy, Wh in all": "150", "Price, tokens a kWh": "0.11", "First interval": "next+1", "Last interval": "next+20" };
  for (const [label, value] of Object.entries(good)) await field(label).fill(value);
  await page.getByText("Sell up to 150 Wh between").waitFor();

  await page.evaluate(() => (window.declines = true));
  await post.click();
  await says("You declined it in the wallet");

  await field("Energy, Wh in all").fill("4000000");
  await post.click();
  await says("The contract refuses:");
  assert.match(await page.locator("#wallet-says").innerText(), /of free assets and 4000000 Wh are needed/);
  await page.screenshot({ path: `${PICTURES}/${name}-refused.png`, fullPage: true });

  await field("Energy, Wh in all").fill("150");
  await post.click();
  const posted = page.locator("#wallet-says").getByText(/offer \d+ is posted/);
  await posted.waitFor();
  const offer = /offer (\d+) is posted/.exec(await posted.innerText())[1];
  // By the server's events, with no reload.
  await page.locator("#news").getByText(`offer ${offer}: `).waitFor();
  await page.getByLabel("mine").check();
  const button = page.getByRole("button", { name: `Cancel offer ${offer}` });
  await button.waitFor();
  await fits(page, `${name}, connected`);
  await page.locator("#wallet-says").evaluate((node) => node.scrollIntoView({ block: "center" }));
  await page.screenshot({ path: `${PICTURES}/${name}-posted.png` });
  const reach = async () => (await (await fetch(`${PAGE}/api/offers?account=${ACCOUNT}&state=all&limit=1`)).json()).offers[0];
  const before = await reach();
  await button.click();
  await says(`offer ${offer} ends with interval`);
  await page.locator("#news").getByText(`offer ${offer} was cut off`).waitFor();
  const after = await reach();
  assert.equal(`${after.offer}`, offer);
  assert.ok(after.end < before.end, `${name}: ${after.end} is not before ${before.end}`);
  await button.waitFor({ state: "detached" });
}

/** Asks the node as a wallet's back end does. */
async function askNode(request) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(NODE, { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...request }) });
  return answer.json();
}

/** EIP-1193, in the page. */
function installWallet(account) {
  const own = {
    eth_requestAccounts: () => [account],
    eth_accounts: () => [account],
    wallet_switchEthereumChain: () => null,
  };
  window.ethereum = {
    on() {},
    removeListener() {},
    async request({ method, params }) {
      if (own[method]) return own[method]();
      if (method === "eth_sendTransaction" && window.declines) {
        window.declines = false;
        throw Object.assign(new Error("User rejected the request."), { code: 4001 });
      }
      const { result, error } = await window.askNode({ method, params: params ?? [] });
      if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
      return result;
    },
  };
}
