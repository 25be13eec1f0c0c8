// The table of changes: search, filters, order, pages of rows, and each task's story. What comes from outside is only
// ever set as text; the page's policy forbids everything else anyway.
"use strict";
(() => {
  const ROWS = 100;
  const PRINTED = 1000;
  const find = (selector, within = document) => within.querySelector(selector);
  const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
  const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const order = new Intl.Collator("en", { numeric: true });

  const changes = read(JSON.parse(find("#data").textContent));
  const form = find("#filters");
  const body = find("#changes tbody");
  const pattern = body.firstElementChild;
  const chosen = new Set();
  const opened = new Set();
  let sorting = { by: "rank", down: false };
  let selected = changes;
  let page = 0;

  function read({ fields, shared, texts, changes }) {
    const isShared = fields.map((field) => shared.includes(field));
    return changes.map((values, rank) => {
      const change = { rank };
      fields.forEach((field, at) => { change[field] = isShared[at] ? texts[values[at]] : values[at]; });
      change.said = change.why || change.rule_reason;
      change.text = [change.name, change.id, change.rule, change.said, change.code, change.request].join("\n").toLowerCase();
      return change;
    });
  }

  function select() {
    const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = ["desired", "target", "rule"]
      .filter((name) => form.elements[name] && form.elements[name].value)
      .map((name) => [name, form.elements[name].value]);
    selected = changes.filter((change) => (!chosen.size || chosen.has(change.label))
      && wanted.every(([name, value]) => change[name] === value)
      && words.every((word) => change.text.includes(word)));
    sort();
  }

  function sort() {
    const { by, down } = sorting;
    const sign = down ? -1 : 1;
    const value = (change) => change[by] ?? (typeof changes[0][by] === "string" ? "" : -1);
    selected.sort((a, b) => sign * (typeof value(a) === "string" ? order.compare(value(a), value(b)) : value(a) - value(b))
      || a.rank - b.rank);
    page = 0;
    show();
  }

  function show(rows = ROWS) {
    const first = page * rows;
    const visible = selected.slice(first, first + rows);
    body.replaceChildren(...visible.flatMap((change) => opened.has(change.number) ? [row(change), story(change)] : [row(change)]));
    const all = selected.length === changes.length ? "" : ` of ${number.format(changes.length)}`;
    const shown = visible.length < selected.length
      ? `, ${number.format(first + 1)} to ${number.format(first + visible.length)} shown` : "";
    const noun = changes.length === 1 ? "change" : "changes";
    find("#shown").textContent = `${number.format(selected.length)}${all} ${noun}${shown}`;
    const pages = Math.max(1, Math.ceil(selected.length / rows));
    find("#pages").hidden = pages === 1;
    find("#pages [data-is=page]").textContent = `Page ${page + 1} of ${number.format(pages)}`;
    find("[data-go='-1']").disabled = page === 0;
    find("[data-go='1']").disabled = page === pages - 1;
    for (const head of document.querySelectorAll("#changes [data-sort]")) {
      const isIt = head.dataset.sort === sorting.by;
      if (isIt) head.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  function row(change) {
    const made = pattern.cloneNode(true);
    const set = (name, text) => { const cell = find(`[data-is=${name}]`, made); if (cell) cell.textContent = text; };
    made.id = `change-${change.number}`;
    for (const name of ["number", "label", "short_id", "target", "rule", "origin", "said"]) set(name, change[name]);
    set("change", `${change.before || "?"} → ${change.desired}`);
    set("name", change.name || change.short_id);
    set("attempts", change.attempts || "");
    set("duration", change.duration_ms === null ? "" : tenths.format(change.duration_ms));
    find(".state", made).className = `state ${change.state}`;
    const button = find("button.open", made);
    button.setAttribute("aria-expanded", opened.has(change.number));
    if (opened.has(change.number)) button.setAttribute("aria-controls", `story-${change.number}`);
    return made;
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function story(change) {
    const made = element("tr", undefined, "story");
    made.id = `story-${change.number}`;
    const cell = element("td");
    // A narrow screen hides columns, and a cell across more than there are would make new ones.
    cell.colSpan = [...find("#changes thead tr").children].filter((head) => head.offsetParent).length;
    const facts = element("dl", undefined, "facts");
    const add = (name, ...parts) => {
      const pair = element("div");
      const said = element("dd");
      said.append(...parts.filter(Boolean));
      if (said.childNodes.length) { pair.append(element("dt", name), said); facts.append(pair); }
    };
    add("Task", element("code", change.id), change.name && ` ${change.name}`);
    add("Rule", change.rule, change.origin && ` · ${change.origin}`, change.rule_reason && ` · ${change.rule_reason}`);
    add("Decision", change.before ? `from ${change.before} to ${change.desired}` : `to ${change.desired}; its mode was not reported`);
    if (change.attempts) add("Attempts", attempts(change));
    add("Read back", change.observed && `found as ${change.observed}`);
    add("Outcome", element("strong", change.label), change.why && `: ${change.why}`);
    cell.append(facts);
    made.append(cell);
    return made;
  }

  function attempts(change) {
    const list = element("ol");
    const untold = change.attempts - change.earlier.length - 1;
    list.start = 1 + Math.max(0, untold);
    for (const [started, message, http, request, duration, wait] of change.earlier) {
      list.append(attempt(started, message || (http === null ? "no answer is recorded" : `HTTP ${http}`), request, duration, wait));
    }
    const answer = [change.http === null ? "no answer" : `HTTP ${change.http}`, change.code].filter(Boolean).join(" ");
    list.append(attempt(change.started_s, answer, change.request, change.duration_ms, null));
    if (untold <= 0) return list;
    const both = document.createDocumentFragment();
    both.append(element("p", `The first ${number.format(untold)} are not told.`), list);
    return both;
  }

  function attempt(started, answer, request, duration, wait) {
    const made = element("li");
    if (started !== null) made.append(element("span", `${number.format(started)} s into the run`, "at"), " ");
    made.append(answer);
    if (duration !== null) made.append(`, after ${number.format(duration)} ms`);
    if (request) made.append(", request ", element("code", request));
    if (wait !== null) made.append(`; the next one ${number.format(wait)} s later or more`);
    return made;
  }

  function toggle(change, isOpen = !opened.has(change.number)) {
    if (isOpen) opened.add(change.number); else opened.delete(change.number);
    show();
    find(`#change-${change.number} button.open`)?.focus({ preventScroll: true });
  }

  function goTo(hash) {
    const found = /^#change-(\d+)$/.exec(hash);
    const change = found && changes.find((each) => each.number === Number(found[1]));
    if (!change) return;
    if (!selected.includes(change)) {
      form.reset();
      chosen.clear();
      drawStates();
      select();
    }
    page = Math.floor(selected.indexOf(change) / ROWS);
    toggle(change, true);
    find(`#change-${change.number}`).scrollIntoView({ block: "center" });
  }

  function drawStates() {
    const counts = new Map();
    for (const { label } of changes) counts.set(label, (counts.get(label) ?? 0) + 1);
    find("#states").replaceChildren(...[...counts].map(([label, count]) => {
      const button = element("button", undefined, "chip");
      button.type = "button";
      button.dataset.label = label;
      button.setAttribute("aria-pressed", chosen.has(label));
      button.append(element("span", label), " ", element("span", number.format(count), "count"));
      return button;
    }));
    find("#filters fieldset").hidden = counts.size < 2;
  }

  function offer(name) {
    const box = form.elements[name];
    const values = [...new Set(changes.map((change) => change[name]))].sort(order.compare);
    if (!box) return;
    box.closest("label").hidden = values.length < 2;
    box.append(...values.map((value) => { const made = element("option", value); made.value = value; return made; }));
  }

  for (const head of document.querySelectorAll("#changes [data-sort]")) {
    const button = element("button", head.textContent, "sort");
    button.type = "button";
    button.addEventListener("click", () => {
      const by = head.dataset.sort;
      sorting = { by, down: sorting.by === by && !sorting.down };
      sort();
    });
    head.replaceChildren(button);
  }
  body.addEventListener("click", (event) => {
    const clicked = event.target.closest("tr");
    const known = clicked && /^change-(\d+)$/.exec(clicked.id);
    if (!known || (!event.target.closest("button") && String(getSelection()))) return;
    toggle(changes.find((change) => change.number === Number(known[1])));
  });
  find("#states").addEventListener("click", (event) => {
    const label = event.target.closest("button")?.dataset.label;
    if (!label) return;
    if (!chosen.delete(label)) chosen.add(label);
    drawStates();
    find(`[data-label="${label}"]`).focus();
    select();
  });
  find("#pages").addEventListener("click", (event) => {
    const go = event.target.closest("button")?.dataset.go;
    if (!go) return;
    page += Number(go);
    show();
    find("#changes-title").scrollIntoView();
  });
  form.addEventListener("input", select);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => goTo(location.hash));
  addEventListener("beforeprint", () => { page = 0; show(PRINTED); });
  addEventListener("afterprint", () => show());

  offer("target");
  offer("rule");
  drawStates();
  form.hidden = false;
  select();
  goTo(location.hash);
})();
