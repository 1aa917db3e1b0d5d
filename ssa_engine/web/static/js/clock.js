/* The clock of a sitting: it counts down between two answers of the server, warns in time, and at the end sends what
   is typed and submits. What counts is the server's clock; this one only shows it. */
(function () {
  "use strict";

  const ssa = window.ssa;
  const TICK = 1000;
  const SURE = 1500;   // milliseconds after which an end that the server gave in whole seconds has come
  const AGAIN = 2000;
  const PATIENCE = 20000;
  const GRANTED = 30;  // seconds more than were expected: somebody gave time
  const byId = (id) => document.getElementById(id);
  const wait = (time) => new Promise((done) => { window.setTimeout(done, time); });
  const seen = new WeakMap();
  let expected = null;
  let over = false;
  let submitted = false;
  let told = null;

  ssa.isOver = () => over;

  function secondsLeft(place) {
    if (!place || place.dataset.seconds === undefined) return null;
    if (!seen.has(place)) seen.set(place, Date.now());
    return Number(place.dataset.seconds) - (Date.now() - seen.get(place)) / 1000;
  }

  function inWords(seconds) {
    return seconds <= 0 ? ssa.word("noTime") : ssa.count("minutesLeft", Math.ceil(seconds / 60));
  }

  /* Words at the head of a sentence keep their capital. */
  function show(place, words) {
    const head = /^\p{Lu}/u.test(place.textContent.trim());
    const text = head ? words.charAt(0).toUpperCase() + words.slice(1) : words;
    if (place.textContent !== text) place.textContent = text;
  }

  /* ---- Warnings: each once, also after a reload; those that time granted puts off come again ---- */

  function warn(seconds) {
    const notice = byId("clock-warning");
    if (!notice) return;
    const key = `ssa-warned-${notice.dataset.attempt}`;
    const near = notice.dataset.warn.split(" ").filter(Boolean).map(Number).filter((minutes) => seconds <= 60 * minutes);
    const said = JSON.parse(window.sessionStorage.getItem(key) || "[]").filter((minutes) => near.includes(minutes));
    const nearest = Math.min(...near);
    const isNews = near.length > 0 && seconds > 0 && !said.includes(nearest);
    window.sessionStorage.setItem(key, JSON.stringify(isNews ? near : said));
    const words = near.length > 0 && seconds > 0 ? ssa.count("lessThan", nearest) : "";
    notice.hidden = !words;
    if (notice.textContent !== words) notice.textContent = words;
    if (!isNews) return;
    ssa.announce(words);
    if (ssa.report) ssa.report("warned", `${nearest} min`);
  }

  /* ---- The end ---- */

  /* Made when there is something to say; it hides the question, which a grant of time brings back. */
  function panel() {
    const item = byId("item");
    const hidden = Array.from(item.children).filter((part) => !part.hidden);
    hidden.forEach((part) => { part.hidden = true; });
    const place = document.createElement("div");
    const heading = document.createElement("h1");
    const words = document.createElement("p");
    place.className = "over";
    heading.tabIndex = -1;
    heading.textContent = ssa.word("over");
    words.className = "lead";
    words.setAttribute("role", "status");
    place.append(heading, words);
    item.append(place);
    document.title = [ssa.word("over"), document.title.split(" – ").pop()].join(" – ");
    heading.focus();
    return {
      say(text) { if (words.textContent !== text) words.textContent = text; },
      lead(href, text) {
        const link = document.createElement("a");
        link.className = "button primary";
        link.href = href;
        link.textContent = text;
        place.append(link);
      },
      close() {
        place.remove();
        hidden.forEach((part) => { part.hidden = false; });
      },
    };
  }

  function tell(words) {
    told = told || panel();
    told.say(words);
  }

  async function ask(path, values) {
    const base = byId("answer-form").action.replace(/\/items\/.*$/, "");
    const headers = { "HX-Request": "true" };
    const options = { method: "POST", headers, body: new URLSearchParams(values), signal: AbortSignal.timeout(PATIENCE) };
    const reply = await fetch(base + path, options).catch(() => null);
    if (reply && reply.status === 401) ssa.signInHere();
    return reply;
  }

  /* What the server says: "over", "open" (then its time is shown), or where a submitted assessment is to be seen. */
  async function whatTheServerSays() {
    for (;;) {
      const reply = await ask("/pulse", {});
      if (reply && reply.headers.get("HX-Redirect")) return reply.headers.get("HX-Redirect");
      if (reply && reply.ok) {
        const answer = document.createElement("template");
        answer.innerHTML = await reply.text();
        const place = answer.content.querySelector("#time-left");
        if (place.dataset.seconds === "0") return "over";
        byId("time-left").replaceWith(place);
        window.htmx.process(place);
        return "open";
      }
      tell(ssa.word("notSubmitted"));
      await wait(AGAIN);
    }
  }

  async function submitAll() {
    for (;;) {
      const saved = await ssa.saveTyped();
      const reply = saved.waits ? null : await ask("/review", { confirmed: "yes" });
      const to = reply && reply.headers.get("HX-Redirect");
      if (to) return { to, refused: saved.refused };
      tell(ssa.word("notSubmitted"));
      await wait(AGAIN);
    }
  }

  function goOn(focused) {
    if (told) told.close();
    told = null;
    over = false;
    byId("answer-form").inert = false;
    if (focused && focused.isConnected) focused.focus({ preventScroll: true });
  }

  /* What is typed goes first: for some seconds after the end it is still taken. Then everything is submitted. */
  ssa.end = async () => {
    if (over) return;
    over = true;
    const position = byId("item").dataset.position;
    const focused = document.activeElement;
    byId("answer-form").inert = true;
    await ssa.saveTyped();
    const says = await whatTheServerSays();
    if (says === "open") {
      goOn(focused);
      return;
    }
    const left = secondsLeft(byId("time-left"));
    if (says !== "over" && (left === null || left > 0)) { // submitted in another window
      submitted = true;
      window.location.assign(says);
      return;
    }
    tell(ssa.word("submitting"));
    await wait(SURE);
    const done = await submitAll();
    submitted = true;
    tell([ssa.word("submitted"), done.refused ? ssa.word("tooLate", { n: position }) : ""].join(" ").trim());
    told.lead(done.to, ssa.word("seeResult"));
  };

  /* On the review page nothing is typed: what is saved is submitted. */
  async function endOnReview(form) {
    over = true;
    form.inert = true;
    await wait(SURE);
    for (;;) {
      const options = { method: "POST", headers: { "HX-Request": "true" }, body: new URLSearchParams({ confirmed: "yes" }) };
      const reply = await fetch(form.action, options).catch(() => null);
      const to = reply && reply.headers.get("HX-Redirect");
      if (to) {
        submitted = true;
        window.location.assign(to);
        return;
      }
      const notice = byId("clock-warning");
      notice.hidden = false;
      notice.textContent = ssa.word("notSubmitted");
      ssa.announce(notice.textContent);
      await wait(AGAIN);
    }
  }

  /* At the end the page asks by itself; a pulse would carry it away before its words are read. */
  document.addEventListener("htmx:configRequest", (event) => {
    if (over && event.detail.elt.id === "time-left") event.preventDefault();
  });

  window.addEventListener("beforeunload", (event) => {
    if (over && !submitted) event.preventDefault();
  });

  /* ---- Every second ---- */

  function tick() {
    const place = byId("time-left");
    const seconds = secondsLeft(place);
    if (seconds !== null && !over) {
      if (expected !== null && seconds > expected + GRANTED) ssa.announce(`${ssa.word("moreTime")} ${inWords(seconds)}`);
      expected = seconds;
      show(place, inWords(seconds));
      warn(seconds);
      if (seconds <= 0 && byId("token")) ssa.end();
      else if (seconds <= 0 && byId("review-form")) endOnReview(byId("review-form"));
    }
    ["agree-left", "break-left"].forEach((id) => {
      const left = secondsLeft(byId(id));
      if (left === null) return;
      show(byId(id), inWords(left));
      if (left <= -1) window.location.reload();
    });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (["item", "time-left"].includes(event.target.id)) tick();
  });

  /* The clock is shown or hidden at once, and the choice is kept with the person. */
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target;
    if (form.id !== "clock-toggle" || !event.detail.successful) return;
    const hide = form.elements.hide_clock.value === "yes";
    byId("time-left").hidden = hide;
    form.elements.hide_clock.value = hide ? "no" : "yes";
    form.querySelector("button").textContent = ssa.word(hide ? "showClock" : "hideClock");
  });

  document.addEventListener("DOMContentLoaded", () => {
    tick();
    window.setInterval(tick, TICK);
  });
})();
