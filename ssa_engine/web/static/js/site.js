/* What pages gain from a script: focus and words after a swap, and honesty about what is saved. All work without it. */
(function () {
  "use strict";

  const TROUBLE = "Not saved yet. Keep this page open and try again.";
  const SIGNED_OUT = "You were signed out, so this is not saved yet. Sign in again in another tab, then try again here.";
  const RETRY_AFTER = 8000;
  const byId = (id) => document.getElementById(id);
  let retry = null;
  let shownItem = null;
  let pressed = null;

  function announce(words) {
    const region = byId("announcer");
    if (!region) return;
    region.textContent = "";
    window.setTimeout(() => { region.textContent = words; }, 50);
  }

  /* The receipt. A loud one is a new element, so that role=alert is spoken; it stays until something is saved. */
  function isLoud() {
    const receipt = byId("receipt");
    return Boolean(receipt && receipt.classList.contains("trouble"));
  }

  function complain(words, again) {
    const old = byId("receipt");
    if (!old || (isLoud() && !again && old.textContent === words)) return;
    const receipt = document.createElement("p");
    receipt.id = "receipt";
    receipt.className = "receipt trouble";
    receipt.setAttribute("role", "alert");
    receipt.textContent = words;
    old.replaceWith(receipt);
  }

  /* detail.elt is the target in some events, the sender in others. */
  function senderOf(detail) {
    return detail.requestConfig ? detail.requestConfig.elt : detail.elt;
  }

  function unlock(form) {
    if (!form.inert) return;
    form.inert = false;
    form.parentElement.removeAttribute("aria-busy");
    if (pressed && document.activeElement === document.body) pressed.focus({ preventScroll: true });
  }

  function sendAgain() {
    window.clearTimeout(retry);
    const options = document.querySelector("#answer-form [hx-trigger='change']");
    if (options && isLoud() && window.htmx) window.htmx.trigger(options, "change");
  }

  function failed(detail, words) {
    const form = byId("answer-form");
    const sender = senderOf(detail);
    if (!form || !sender || !form.contains(sender)) return;
    complain(words, sender === form);
    if (sender === form) {
      unlock(form);
    } else {
      window.clearTimeout(retry);
      retry = window.setTimeout(sendAgain, RETRY_AFTER);
    }
  }

  /* htmx reads the pressed button when a queued request leaves, and by then it may be forgotten or another one:
     the submit event that asked for the request knows it. */
  document.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.triggeringEvent;
    const button = asked && asked.submitter;
    if (button && button.name) event.detail.parameters[button.name] = button.value;
  });

  /* One move at a time: a second press, or an option pressed on a page that is leaving, would be lost without a word.
     An inert form takes no press but still gives its values to the request. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "answer-form") return;
    pressed = event.submitter;
    form.inert = true;
    form.parentElement.setAttribute("aria-busy", "true");
  });

  document.addEventListener("change", (event) => {
    const receipt = byId("receipt");
    if (receipt && !isLoud() && event.target.closest("#answer-form [hx-post]")) receipt.textContent = "Saving…";
  });

  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const receipt = byId("receipt");
    if (receipt && event.detail.xhr.status < 400) receipt.classList.remove("trouble");
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = event.detail;
    const status = detail.xhr.status;
    const into = detail.target && detail.target.id;
    if (into !== "receipt" && into !== "item") return;
    if (status === 409 || status === 422) {
      detail.target = byId("item") || detail.target;
    } else if (/^\s*(<!--[^]*?-->\s*)?<!doctype/i.test(detail.serverResponse)) {
      detail.shouldSwap = false;
      if (new URL(detail.xhr.responseURL).pathname.startsWith("/signin")) {
        failed(detail, SIGNED_OUT);
      } else if (status < 400) {
        window.location.assign(detail.xhr.responseURL);
      }
    }
  });

  /* The receipt's time, which comes in UTC, in the person's own zone. */
  function showLocalTime() {
    const time = document.querySelector("#receipt time");
    if (time) time.textContent = new Date(time.dateTime).toLocaleTimeString("en-GB");
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const fresh = event.target;
    showLocalTime();
    const receipt = byId("receipt");
    const saved = receipt && !isLoud() ? receipt.textContent.trim() : "";
    window.clearTimeout(retry);
    if (fresh.id === "receipt") {
      announce(saved);
      return;
    }
    const heading = fresh.querySelector("h1[tabindex='-1']");
    if (!heading) return;
    if (fresh.dataset.title) document.title = fresh.dataset.title + " – Self-Assessment";
    const same = fresh.dataset.item && fresh.dataset.item === shownItem && !fresh.querySelector(".notice");
    shownItem = fresh.dataset.item || null;
    if (same) {
      const flag = fresh.querySelector("[data-flag]");
      announce(flag && flag.hasAttribute("data-flagged") ? "Flagged for review" : "Not flagged");
      if (flag && !fresh.contains(document.activeElement)) flag.focus({ preventScroll: true });
      return;
    }
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
    announce([heading.textContent.trim(), saved].filter(Boolean).join(". "));
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = byId("answer-form");
    if (form && senderOf(event.detail) === form) unlock(form);
  });

  ["htmx:sendError", "htmx:timeout", "htmx:sendAbort", "htmx:onLoadError"].forEach((name) => {
    document.addEventListener(name, (event) => failed(event.detail, TROUBLE));
  });

  document.addEventListener("htmx:responseError", (event) => {
    failed(event.detail, event.detail.xhr.status === 401 ? SIGNED_OUT : TROUBLE);
  });

  window.addEventListener("online", sendAgain);

  window.addEventListener("beforeunload", (event) => {
    if (isLoud()) event.preventDefault();
  });

  /* A page kept by the browser is older than the attempt. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && byId("answer-form")) window.location.reload();
  });

  /* The time left between two answers of the server: shown only, never sent. */
  const seen = new WeakMap();

  function showTime() {
    const place = byId("time-left");
    if (!place) return;
    if (!seen.has(place)) {
      seen.set(place, Date.now());
      return;
    }
    const left = Number(place.dataset.seconds) - (Date.now() - seen.get(place)) / 1000;
    const minutes = Math.ceil(left / 60);
    const words = left <= 0 ? "no time left" : minutes === 1 ? "about 1 minute left" : `about ${minutes} minutes left`;
    if (place.textContent !== words) place.textContent = words;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const item = byId("item");
    shownItem = item && item.dataset.item;
    showLocalTime();
    showTime();
    window.setInterval(showTime, 5000);
  });
})();
