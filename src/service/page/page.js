// The status page. `/events` sends the whole state (`state`), then once a second what is so now (`tick`). Whatever comes from
// pages is put into the document by textContent alone.

const LIVE_RATE_MS = 5000; // The figures "a second" are means over this time.
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
const LONGEST_LIST = 50;
const SHORT_LIST = 10; // Rows that a list shows before all are asked for.

const byId = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

let state = null; // As `/status.json` has it, brought up to date by ticks.
let source = null; // The EventSource, while there is one.
let failures = 0; // Connections that failed in a row.
let retry = 0; // Timer of the next one.
let isPaused = false;

// ---- The document ----

/** An element with a class, a text, and children. */
function make(name, { className, text, children = [], ...attributes } = {}) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Sets a text where it is another one: what does not change is not announced again. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Rows of a table by key: those that stay keep their elements, so that the focus stays, too. */
function rows(body, items, keyOf, create, update = () => {}) {
  const old = new Map([...body.children].map((row) => [row.dataset.key, row]));
  let at = body.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let row = old.get(key);
    if (row) {
      old.delete(key);
    } else {
      row = create(item);
      row.dataset.key = key;
    }
    update(row, item);
    if (row === at) at = at.nextElementSibling;
    else body.insertBefore(row, at);
  }
  for (const row of old.values()) row.remove();
}

const heading = (text, mark) =>
  make("th", { scope: "row", children: [...(mark ? [make("span", { className: "mark", text: mark, "aria-hidden": "true" })] : []), text] });

const nothing = (columns) => make("tr", { children: [make("td", { className: "empty", colspan: columns, text: "Nothing yet" })] });

function bar() {
  const fill = make("span", { className: "fill" });
  const track = make("span", { className: "track", "aria-hidden": "true", children: [fill] });
  return make("span", { className: "bar", children: [make("span"), track] });
}

function setBar(cell, share) {
  const [label, track] = cell.querySelector(".bar").children;
  say(label, percent.format(share));
  track.firstElementChild.style.width = `${100 * share}%`;
}

// ---- Words and figures ----

const words = (name) => name.replaceAll("_", " ");

function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${short.format(seconds)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  return minutes < 60 * 48 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 1440)} days`;
}

function languageName(code) {
  if (code === "und") return "not known";
  if (code === "other") return "others";
  try {
    return languageNames.of(code);
  } catch {
    return code;
  }
}

const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

/** Articles, duplicates, rejections. */
const outcomes = (now) => [now.articles, sum(now.duplicates), sum(now.rejected)];

/** Steps of a count: from when to when, and how much a second. Points are [ms, articles, duplicates, rejections, lag]. */
function rates(points, count) {
  return points.slice(1).map((point, i) => {
    const [from, to] = [points[i][0], point[0]];
    return { from, to, value: (1000 * (count(point) - count(points[i]))) / Math.max(to - from, 1) };
  });
}

/** The mean rate of the last seconds. */
function rate(points, count) {
  const last = points.at(-1);
  const first = points.findLast((point) => point[0] <= last[0] - LIVE_RATE_MS) ?? points[0];
  const ms = last[0] - first[0];
  return ms > 0 ? (1000 * (count(last) - count(first))) / ms : 0;
}

// ---- Charts ----

const SVG = "http://www.w3.org/2000/svg";

/** Draws steps as a line over an area, and says the same in words. */
function draw(svg, name, steps, unit) {
  const [width, height] = [240, 60];
  const end = state.now.at_ms;
  const start = end - state.chart_ms;
  const shown = steps.filter((step) => step.to > start);
  const top = Math.max(1e-9, ...shown.map((step) => step.value));
  const x = (ms) => (width * (Math.max(ms, start) - start)) / state.chart_ms;
  const y = (value) => height - 1 - ((height - 4) * value) / top;
  const path = shown.map(({ from, to, value }, i) => `${i ? "L" : "M"}${x(from).toFixed(1)} ${y(value).toFixed(1)}H${x(to).toFixed(1)}`).join("");
  if (!svg.firstChild) {
    for (const part of ["area", "line"]) {
      const element = document.createElementNS(SVG, "path");
      element.setAttribute("class", part);
      svg.append(element);
    }
  }
  const [area, line] = svg.children;
  line.setAttribute("d", path);
  area.setAttribute("d", path && `${path}V${height}H${x(shown[0].from).toFixed(1)}Z`);
  const values = shown.map((step) => step.value);
  const text = values.length
    ? `${name}, last ${duration(Math.min(end, state.chart_ms) / 1000)}: from ${short.format(Math.min(...values))} to ${short.format(Math.max(...values))}, now ${short.format(values.at(-1))}${unit}`
    : `${name}: no data yet`;
  svg.setAttribute("aria-label", text);
}

// ---- Sections ----

const PHASES = {
  ready: ["●", "Ready"],
  waiting: ["▲", "Not ready"],
  stopping: ["■", "Stopping"],
  finished: ["✓", "Finished"],
};

function showHead() {
  const { now, version, name, kind } = state;
  say(byId("identity"), [name, `version ${version.version}`].filter(Boolean).join(" · "));
  const [mark, word] = kind === "files" && now.phase === "ready" ? ["●", "At work"] : PHASES[now.phase];
  const phase = byId("phase");
  phase.dataset.phase = now.phase;
  say(phase.querySelector(".mark"), mark);
  say(byId("phase-text"), word);
  const models = Object.entries(version.models).map(([part, model]) => `${words(part)} ${model}`);
  say(byId("models"), `Models: ${models.join(", ")}`);
}

/** What is wrong, above all else. */
function showNotice(text) {
  const notice = byId("notice");
  const waits = state?.now.awaits ?? [];
  const lines = [text, ...waits.map((wait) => `Waits for ${wait}`)].filter(Boolean);
  if (notice.dataset.text !== lines.join("\n")) {
    notice.dataset.text = lines.join("\n");
    notice.replaceChildren(...lines.map((line) => make("p", { text: line })));
  }
  notice.hidden = lines.length === 0;
}

function showFigures() {
  const { now, history } = state;
  const all = (point) => point[1] + point[2] + point[3];
  const current = rate(history, all);
  const steps = rates(history, all);
  say(byId("rate"), short.format(current));
  draw(byId("chart-rate"), "Pages a second", steps, "");
  const peak = Math.max(0, ...steps.map((step) => step.value));
  say(byId("rate-note"), `last 2 minutes, at most ${short.format(peak)}`);
  const pages = sum(outcomes(now));
  say(byId("pages"), whole.format(pages));
  const mean = now.at_ms > 0 ? `${short.format((1000 * pages) / now.at_ms)} a second over ${duration(now.at_ms / 1000)}` : "";
  say(byId("pages-note"), now.in_flight == null ? mean : `${mean}; ${whole.format(now.in_flight)} in flight`);

  byId("tile-lag").hidden = !now.backlog;
  if (now.backlog) {
    const { records, seconds, partitions, worst } = now.backlog;
    say(byId("lag"), whole.format(records));
    const known = history.filter((point) => point[4] != null);
    draw(byId("chart-lag"), "Records that wait", known.slice(1).map((point, i) => ({ from: known[i][0], to: point[0], value: point[4] })), "");
    const age = records > 0 && seconds != null ? `oldest ${duration(seconds)}` : "";
    say(byId("lag-note"), [`records of ${whole.format(partitions)} partitions`, age, worst && `most in ${worst}`].filter(Boolean).join(", "));
  }

  byId("tile-progress").hidden = now.progress == null;
  if (now.progress != null) {
    say(byId("progress"), percent.format(now.progress));
    byId("progress-bar").value = now.progress;
    const left = now.progress > 0.01 && now.progress < 1 ? (now.at_ms / 1000) * (1 / now.progress - 1) : null;
    say(byId("progress-note"), left == null ? "" : `about ${duration(left)} left`);
  }
  document.title = `${short.format(current)} pages a second · newsmill`;
}

const OUTCOMES = [
  ["article", "●", "Articles"],
  ["duplicate", "◆", "Duplicates"],
  ["rejected", "▲", "Rejections"],
];

function showOutcomes() {
  const { now, history } = state;
  const counts = outcomes(now);
  const pages = sum(counts);
  const items = OUTCOMES.flatMap(([kind, mark, label], i) => {
    const item = { kind, mark, label, count: counts[i], at: i + 1 };
    const parts = kind === "duplicate" ? Object.entries(now.duplicates).map(([part, count]) => ({ kind, label: part, count })) : [];
    return [item, ...parts];
  });
  const create = ({ kind, mark, label, at }) => {
    const trend = make("td", { className: "trend" });
    if (at) {
      const svg = document.createElementNS(SVG, "svg");
      for (const [key, value] of Object.entries({ class: "chart", role: "img", viewBox: "0 0 240 60", preserveAspectRatio: "none" })) svg.setAttribute(key, value);
      trend.append(svg);
    }
    const number = () => make("td", { className: "number" });
    return make("tr", { className: at ? kind : "part", children: [heading(label, mark), number(), number(), number(), trend] });
  };
  rows(byId("outcomes"), items, (item) => `${item.kind} ${item.label}`, create, (row, { label, count, at }) => {
    say(row.children[1], whole.format(count));
    say(row.children[2], pages ? percent.format(count / pages) : "–");
    if (at) {
      say(row.children[3], short.format(rate(history, (point) => point[at])));
      draw(row.querySelector("svg"), `${label} a second`, rates(history, (point) => point[at]), "");
    }
  });
}

/** A table of names, counts and shares. */
function showCounts(id, counts, nameOf) {
  const all = counts.reduce((total, [, count]) => total + count, 0);
  const body = byId(id);
  if (!all) {
    body.replaceChildren(nothing(3));
    return;
  }
  const create = ([key]) => make("tr", { children: [heading(nameOf(key)), make("td", { className: "number" }), make("td", { className: "share", children: [bar()] })] });
  rows(body, counts, ([key]) => key, create, (row, [, count]) => {
    say(row.children[1], whole.format(count));
    setBar(row.children[2], count / all);
  });
}

function showStages() {
  const { stages, stages_over_ms: over } = state.now;
  const time = (ms) => (ms == null ? "–" : ms < 1 ? `${short.format(ms * 1000)} µs` : duration(ms / 1000));
  const create = ({ name }) => {
    const number = () => make("td", { className: "number" });
    return make("tr", { children: [heading(words(name)), number(), number(), make("td", { className: "share", children: [bar()] })] });
  };
  rows(byId("stages"), stages ?? [], (stage) => stage.name, create, (row, stage) => {
    say(row.children[1], time(stage.p50_ms));
    say(row.children[2], time(stage.p95_ms));
    setBar(row.children[3], stage.share);
  });
  say(byId("stages-note"), over == null ? "" : `Of the pages of the last ${duration(over / 1000)}`);
}

// ---- The last pages ----

const when = (ms) => make("td", { className: "when", children: [make("time", { datetime: new Date(ms).toISOString(), text: clock.format(ms) })] });

/** What a page is called, and the way to its explanation where there is one. */
const named = ({ id, explained }, text) => (explained ? make("a", { href: `explain/${id}`, text, dir: "auto" }) : make("span", { text, dir: "auto" }));

function articleRow(article) {
  const { at, title, name, site, language, topics } = article;
  const shown = named(article, title ?? name);
  if (title && language !== "und") shown.lang = language;
  const spoken = languageName(language);
  const below = make("span", { className: "below", text: [site, topics.join(", ")].filter(Boolean).join(" · ") });
  below.append(make("span", { className: "narrow", text: ` · ${spoken}` }));
  return make("tr", {
    children: [
      when(at),
      make("td", { children: [shown, below] }),
      make("td", { className: "roomy", text: site ?? "" }),
      make("td", { className: "language", text: spoken }),
      make("td", { className: "roomy", text: topics.join(", ") }),
    ],
  });
}

function rejectRow(reject) {
  const { at, name, reason, stage, detail } = reject;
  const below = make("span", { className: "below", text: detail });
  return make("tr", {
    children: [
      when(at),
      make("td", { children: [named(reject, name), below] }),
      make("td", { className: "reason", text: `${words(reason)} (${words(stage)})` }),
      make("td", { className: "roomy", text: detail }),
    ],
  });
}

/** A list that does not move under the pointer, or away from the focus: what is new waits, and is counted meanwhile. */
function list(sectionId, bodyId, columns, create) {
  const section = byId(sectionId);
  const body = byId(bodyId);
  const fresh = section.querySelector(".fresh");
  const more = section.querySelector("button");
  let items = [];
  let isLong = false;
  const isHeld = () => body.matches(":hover") || body.contains(document.activeElement);
  const show = () => {
    const top = Number(body.firstElementChild?.dataset.key ?? 0);
    const waiting = top ? items.filter((item) => item.id > top).length : 0;
    fresh.hidden = !(isHeld() && waiting > 0);
    if (!fresh.hidden) {
      say(fresh, `(${waiting} more wait while you are in the list)`);
      return;
    }
    if (items.length === 0) {
      rows(body, [0], (key) => key, () => nothing(columns));
    } else {
      rows(body, isLong ? items : items.slice(0, SHORT_LIST), (item) => item.id, create);
    }
    more.hidden = items.length <= SHORT_LIST;
  };
  more.addEventListener("click", () => {
    isLong = !isLong;
    say(more, more.textContent.replace(isLong ? "all" : "fewer", isLong ? "fewer" : "all"));
    show();
  });
  body.addEventListener("pointerleave", () => requestAnimationFrame(show));
  body.addEventListener("focusout", () => requestAnimationFrame(show));
  return {
    replace(all) {
      items = all;
      show();
    },
    add(news) {
      const known = new Set(items.map((item) => item.id));
      items = [...news.filter((item) => !known.has(item.id)), ...items].slice(0, LONGEST_LIST);
      show();
    },
  };
}

const articles = list("list-articles", "articles", 5, articleRow);
const rejects = list("list-rejects", "rejects", 4, rejectRow);

// ---- All of it ----

function showAll() {
  showHead();
  showNotice(byId("notice").dataset.own);
  showFigures();
  showOutcomes();
  showStages();
  showCounts("reasons", Object.entries(state.now.rejected).sort((a, b) => b[1] - a[1]), words);
  showCounts("languages", state.now.languages, languageName);
  showCounts("topics", state.now.topics, (name) => (name === "none" ? "no topic" : name));
  for (const id of ["list-articles", "list-rejects"]) byId(id).hidden = !state.shows_pages;
  byId("pages-off").hidden = state.shows_pages;
}

function takeState(all) {
  state = all;
  showAll();
  articles.replace(all.articles);
  rejects.replace(all.rejects);
}

function takeTick(tick) {
  const { now, history, chart_ms: span } = { ...state, ...tick };
  history.push([now.at_ms, ...outcomes(now), now.backlog?.records ?? null]);
  // One that is too old stays, for what came since.
  while (history.length > 2 && history[1][0] < now.at_ms - span) history.shift();
  state.now = now;
  showAll();
  articles.add(tick.articles);
  rejects.add(tick.rejects);
}

// ---- The connection ----

/** How the connection is, and where that is bad, what it means for the figures. */
function told(text, notice = "") {
  say(byId("link"), text);
  byId("notice").dataset.own = notice;
  showNotice(notice);
}

function disconnect() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

function connect() {
  disconnect();
  source = new EventSource("events");
  const taking = (take) => (event) => {
    failures = 0;
    take(JSON.parse(event.data));
    if (state.now.phase === "finished") end();
    else told("Live");
  };
  source.addEventListener("state", taking(takeState));
  source.addEventListener("tick", taking(takeTick));
  source.addEventListener("error", lost);
}

/** The run has ended: nothing comes any more. */
function end() {
  disconnect();
  byId("pause").hidden = true;
  told("The last state", "The run has ended: these are its last figures. Pages open as long as the program stays there.");
}

async function lost() {
  disconnect();
  const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
  failures += 1;
  // Too many may look on: then the state can be read all the same, from time to time.
  try {
    const answer = await fetch("status.json", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    takeState(await answer.json());
    if (state.now.phase === "finished") return end();
    if (failures > 1) told("Every few seconds", "No live connection: too many may look on at the same time. The figures are read every few seconds.");
  } catch {
    const since = byId("notice").dataset.own || `The connection was lost at ${clock.format(Date.now())}: the figures are of then. Trying to connect again.`;
    told("Connection lost", since);
  }
  if (!isPaused && !document.hidden) retry = setTimeout(connect, wait);
}

byId("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  byId("pause").setAttribute("aria-pressed", String(isPaused));
  if (isPaused) {
    disconnect();
    told("Paused");
  } else {
    told("Connecting");
    connect();
  }
});

// Nothing is made or sent for a page that nobody sees.
document.addEventListener("visibilitychange", () => {
  if (isPaused || state?.now.phase === "finished") return;
  if (document.hidden) disconnect();
  else connect();
});

connect();
