// The pages work without this. It counts down, writes times in the reader's zone, copies commands and asks for the page again.
"use strict";

const second = 1000;
let main = document.getElementById("main");
let shown = main.innerHTML;
let clockOffset = 0;
let timer;

/** "3 h 12 min" as the server writes it; seconds in the last ten minutes. */
function length(ms) {
  const seconds = Math.max(0, Math.floor(ms / second));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const join = (large, largeUnit, small, smallUnit) => `${large} ${largeUnit}` + (small ? ` ${small} ${smallUnit}` : "");
  if (hours >= 48) return join(Math.floor(hours / 24), "d", hours % 24, "h");
  if (hours >= 1) return join(hours, "h", minutes % 60, "min");
  if (minutes >= 10) return `${minutes} min`;
  return minutes >= 1 ? join(minutes, "min", seconds % 60, "s") : `${seconds} s`;
}

function now() {
  return Date.now() + clockOffset;
}

function tick() {
  for (const time of main.querySelectorAll("time[data-left]")) {
    const left = Date.parse(time.dateTime) - now();
    time.textContent = left > 0 ? `${length(left)} left` : "ended";
    time.classList.toggle("soon", left < 5 * 60 * second);
  }
  for (const time of main.querySelectorAll("time[data-ago]")) {
    const passed = now() - Date.parse(time.dateTime);
    time.textContent = passed < 60 * second ? "just now" : `${length(passed)} ago`;
  }
}

/** The server's clock counts: the browser's may be wrong, and access ends by the server's. */
function readClock() {
  clockOffset = Date.parse(main.dataset.now) - Date.now() || 0;
}

function prepare() {
  const zoned = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  for (const time of main.querySelectorAll("time[data-at]")) {
    time.title = time.textContent;
    time.textContent = zoned.format(new Date(time.dateTime));
  }
  if (navigator.clipboard) {
    for (const button of main.querySelectorAll("[data-copy]")) button.hidden = false;
  }
  tick();
}

function schedule() {
  const seconds = Number(main.dataset.refresh);
  clearTimeout(timer);
  if (seconds) timer = setTimeout(refresh, seconds * second);
}

/** Whether replacing the page would take something away from its reader. */
function isBusy() {
  const active = document.activeElement;
  return document.hidden || active?.matches("input, select") || main.querySelector(":popover-open") || !(getSelection()?.isCollapsed ?? true);
}

async function refresh() {
  try {
    if (!isBusy()) await replace();
  } catch {
    // The server is away for a moment, or for good: the page as it is says more than an empty one.
  }
  schedule();
}

async function replace() {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" }, redirect: "error" });
  if (answer.status === 429 || answer.status >= 500 || isBusy()) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
  if (!next) return;
  main.dataset.now = next.dataset.now;
  readClock();
  if (next.innerHTML === shown) return;
  shown = next.innerHTML;
  const focused = document.activeElement?.id;
  const announcement = next.dataset.announce;
  if (announcement !== main.dataset.announce) document.getElementById("live").textContent = announcement ?? "";
  main.replaceWith(document.adoptNode(next));
  main = next;
  prepare();
  if (focused) document.getElementById(focused)?.focus();
}

document.addEventListener("click", async event => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "Copied";
  document.getElementById("live").textContent = "Copied.";
  setTimeout(() => { button.textContent = "Copy"; }, 2 * second);
});

document.addEventListener("visibilitychange", () => { if (!document.hidden && main.dataset.refresh) refresh(); });

// What has just been done is said once: a reload must not say it again.
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}

readClock();
prepare();
schedule();
setInterval(tick, second);
