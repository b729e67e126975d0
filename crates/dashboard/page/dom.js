// Elements without markup: whatever comes from a chain goes into text nodes and attributes, never into HTML.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return node;
}

export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const byId = (id) => document.getElementById(id);

/** A table's rows; each cell is a node, a string, or { class, of }. On a phone a cell shows its column's name. */
export function rows(body, columns, lines, nothing) {
  if (lines.length === 0) {
    body.replaceChildren(el("tr", { class: "nothing" }, el("td", { colspan: columns.length }, nothing)));
    return;
  }
  body.replaceChildren(
    ...lines.map((cells) =>
      el(
        "tr",
        null,
        cells.map((cell, place) => {
          const plain = cell instanceof Node || typeof cell !== "object";
          const { class: name, of } = plain ? { of: cell } : cell;
          return el("td", { class: name, "data-label": columns[place] }, of);
        }),
      ),
    ),
  );
}
