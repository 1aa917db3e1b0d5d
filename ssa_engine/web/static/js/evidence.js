/* What the page notices of itself and reports: shown, left and come back to, connection lost and found again.
   The candidate is told of a lost connection before anything is to be saved. */
(function () {
  "use strict";

  const ssa = window.ssa;
  const LEFT_AFTER = 500;  // milliseconds: a page that is only being replaced does not live that long
  const BACK_FOR = 6000;
  const byId = (id) => document.getElementById(id);
  const waiting = [];
  let away = null;
  let lost = null;
  let owesLoss = false;
  let quiet = null;

  /* ---- Reports. What cannot be sent now is sent when the connection is back ---- */

  function post(fields) {
    const form = byId("answer-form");
    if (!form || !byId("token")) return;
    navigator.sendBeacon(form.action.replace(/\/items\/.*$/, "/events"), new URLSearchParams(fields));
  }

  ssa.report = (kind, detail) => {
    const item = byId("item");
    const fields = { kind, detail: detail || "", position: (item && item.dataset.position) || "" };
    if (lost) waiting.push({ ...fields, detail: `${fields.detail} (${new Date().toISOString()})`.trim() });
    else post(fields);
  };

  /* ---- Window left and come back to ---- */

  function leave() {
    if (away) return;
    away = { since: Date.now(), told: false };
    away.timer = window.setTimeout(tellLeft, LEFT_AFTER);
  }

  function tellLeft() {
    if (!away || away.told || (document.hasFocus() && !document.hidden)) return;
    away.told = true;
    ssa.report("left_window");
  }

  function comeBack() {
    if (!away || document.hidden) return;
    const time = Date.now() - away.since;
    window.clearTimeout(away.timer);
    if (!away.told && time >= LEFT_AFTER) ssa.report("left_window"); // it slept before it could tell
    if (away.told || time >= LEFT_AFTER) ssa.report("came_back", `${Math.round(time / 1000)} s`);
    away = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : comeBack()));
  window.addEventListener("blur", leave);
  window.addEventListener("focus", comeBack);

  /* ---- Connection lost and back ---- */

  function say(words, passes) {
    const line = byId("connection");
    if (!line) return;
    window.clearTimeout(quiet);
    line.textContent = words;
    line.hidden = !words;
    line.classList.toggle("is-back", Boolean(passes));
    if (passes) quiet = window.setTimeout(() => say("", false), BACK_FOR);
  }

  function lose() {
    if (lost) return;
    lost = Date.now();
    owesLoss = true;
    say(ssa.word("lost"), false);
    ssa.announce(ssa.word("lost"));
  }

  function find() {
    if (!lost) return;
    const from = new Date(lost).toISOString();
    const time = Math.round((Date.now() - lost) / 1000);
    lost = null;
    say(ssa.word("back"), true);
    ssa.announce(ssa.word("back"));
    ssa.report("lost_connection", `${time} s from ${from}`);
    ssa.report("reconnected", `${time} s`);
    waiting.splice(0).forEach(post);
    if (byId("time-left")) window.htmx.trigger("#time-left", "pulse");
  }

  const isPulse = (event) => event.detail.elt && event.detail.elt.id === "time-left";

  document.addEventListener("htmx:configRequest", (event) => {
    if (isPulse(event) && owesLoss) event.detail.parameters.lost = "yes";
  });

  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, lose));

  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const status = event.detail.xhr.status;
    if (status >= 500) {
      lose();
    } else {
      if (isPulse(event)) owesLoss = false;
      find();
      if (isPulse(event) && status === 401) say(ssa.word("signedOutSoon"), false);
    }
  });

  window.addEventListener("offline", lose);
  window.addEventListener("online", () => {
    if (byId("time-left")) window.htmx.trigger("#time-left", "pulse");
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (byId("token")) ssa.report("rendered", "page opened");
  });
})();
