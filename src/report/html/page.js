"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const personas = all(".persona");
  const tools = document.querySelector(".tools");
  const status = document.querySelector(".status");
  const search = document.querySelector("#search");
  if (!tools) return;
  tools.hidden = false;

  // Filter: a persona is shown if its name, id or file holds the words, and something in it has a chosen origin.
  const chosen = (name) => all(`input[name="${name}"]`).filter((box) => box.checked).map((box) => box.value);
  const offered = all('input[name="origin"]').length;
  const filterChanges = (persona, origins) => {
    if (offered === 0) return;
    for (const change of all(".change", persona)) {
      change.hidden = Boolean(change.dataset.origin) && !origins.includes(change.dataset.origin);
    }
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const origins = chosen("origin");
    const actions = chosen("action");
    let shown = 0;
    for (const persona of personas) {
      const named = words.every((word) => persona.dataset.find.includes(word));
      const own = persona.dataset.origins ? persona.dataset.origins.split(" ") : [];
      const ofOrigin = offered === 0 || origins.length === offered || own.some((origin) => origins.includes(origin));
      persona.hidden = !(named && ofOrigin && actions.includes(persona.dataset.action));
      if (!persona.hidden) shown += 1;
      filterChanges(persona, origins);
    }
    status.textContent = `${shown} of ${personas.length} personas shown`;
  };
  search.addEventListener("input", filter);
  for (const box of all('input[name="origin"], input[name="action"]')) box.addEventListener("change", filter);

  // Long bodies are read when they are first opened.
  const unpack = (persona) => {
    const packed = persona.querySelector(":scope > details > noscript");
    if (!packed) return;
    const read = document.createElement("template");
    read.innerHTML = packed.textContent;
    packed.replaceWith(read.content);
    filterChanges(persona, chosen("origin"));
  };

  // Side by side: made from the inline form when it is asked for, and only for what is open.
  const half = (part, drop, label) => {
    const side = part.cloneNode(true);
    for (const node of all(drop, side)) node.remove();
    side.setAttribute("aria-label", label);
    side.setAttribute("role", "group");
    return side;
  };
  const before = document.body.dataset.before;
  const after = document.body.dataset.after;
  const row = (left, right, kind) => {
    const sides = document.createElement("div");
    sides.className = `sides ${kind}`;
    sides.append(left, right);
    return sides;
  };
  const head = (text) => {
    const cell = document.createElement("div");
    cell.textContent = text;
    return cell;
  };
  const arrange = (persona) => {
    const side = chosen("view")[0] === "side";
    for (const words of all(".words", persona)) {
      if (side && !words.dataset.sides) {
        words.dataset.sides = "made";
        words.prepend(row(head(before), head(after), "sides-head"));
        for (const part of all(":scope > .part", words)) {
          part.after(row(half(part, "ins", before), half(part, "del", after), "part-sides"));
        }
      }
      for (const part of all(":scope > .part", words)) part.hidden = side;
      for (const sides of all(":scope > .sides", words)) sides.hidden = !side;
    }
  };
  const arrangeOpen = () => {
    for (const persona of personas) if (persona.querySelector("details").open) arrange(persona);
  };
  for (const box of all('input[name="view"]')) box.addEventListener("change", arrangeOpen);
  for (const persona of personas) {
    const details = persona.querySelector("details");
    details.addEventListener("toggle", () => {
      if (!details.open) return;
      unpack(persona);
      arrange(persona);
    });
  }

  const open = (value) => {
    for (const persona of personas) if (!persona.hidden) persona.querySelector("details").open = value;
  };
  document.querySelector("#open").addEventListener("click", () => open(true));
  document.querySelector("#close").addEventListener("click", () => open(false));

  // On paper everything is open, as it was on the screen afterwards.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all(".persona:not([hidden]) > details:not([open])");
    for (const details of opened) {
      unpack(details.parentElement);
      details.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
  filter();
})();
