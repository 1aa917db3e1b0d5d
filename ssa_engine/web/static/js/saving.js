/* Saving the answers of an item page: one request at a time, and each the same until the server has answered it.
   Nothing is called saved before the server said so. Without this script the form is sent as any other. */
(function () {
  "use strict";

  const ssa = window.ssa;
  const RETRY_AFTER = [1000, 2000, 4000, 8000];
  const MOVES = ["next", "previous", "review"];
  const byId = (id) => document.getElementById(id);

  let edits = 0;        // how often the form was touched
  let due = 0;          // up to which edit it is to be saved without a button
  let kept = 0;         // up to which edit the server has answered
  let pressed = null;   // the button that waits to be obeyed
  let unsure = null;    // a request to which no answer came: it may have arrived or not, so it is repeated as it is
  let sending = null;   // the request under way
  let working = null;   // the promise of all of it
  let leaving = false;
  let refused = false;  // what was sent last came after the end of the clock
  let tries = 0;
  let timer = null;
  let shownItem = null;

  /* ---- What the page says ---- */

  function isLoud() {
    const receipt = byId("receipt");
    return Boolean(receipt && receipt.classList.contains("trouble"));
  }

  /* A loud receipt is a new element, so that role=alert is spoken. It stays until something is saved. */
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

  function refuseMove() {
    const moves = document.querySelector("#answer-form .moves");
    if (!moves) return;
    const words = document.createElement("p");
    words.id = "stay";
    words.className = "stay";
    words.setAttribute("role", "alert");
    words.textContent = ssa.word("stay");
    if (byId("stay")) byId("stay").remove();
    moves.append(words);
  }

  function calm() {
    const receipt = byId("receipt");
    if (receipt) receipt.classList.remove("trouble");
    if (byId("stay")) byId("stay").remove();
  }

  /* The receipt's time, which comes in UTC, in the person's own zone. */
  function showLocalTime() {
    const time = document.querySelector("#receipt time");
    if (time) time.textContent = new Date(time.dateTime).toLocaleTimeString("en-GB");
  }

  function savedWords() {
    const receipt = byId("receipt");
    return receipt && !isLoud() ? receipt.textContent.trim() : "";
  }

  /* ---- One request at a time ---- */

  function lock(form) {
    form.inert = true;
    form.parentElement.setAttribute("aria-busy", "true");
  }

  /* An inert form takes no press but still gives its values to the request. */
  function unlock(button) {
    const form = byId("answer-form");
    if (!form || !form.inert) return;
    form.inert = false;
    form.parentElement.removeAttribute("aria-busy");
    if (button && button.isConnected && document.activeElement === document.body) button.focus({ preventScroll: true });
  }

  function compose(button) {
    const form = byId("answer-form");
    const body = button ? new FormData(form, button) : new FormData(form);
    ["note", "comment"].forEach((name) => body.delete(name)); // they are kept by themselves
    if (!button) body.append("go", "save");
    const moves = Boolean(button && button.name === "go" && MOVES.includes(button.value));
    return { url: form.action, body, edits, button, moves, into: button ? "item" : "receipt" };
  }

  /* Nobody is carried on by a retry: of a move only the saving is repeated. The server has an answer for both cases. */
  function asSave(request) {
    if (!request.moves) return request;
    request.body.set("go", "save");
    return { ...request, button: null, moves: false, into: "receipt" };
  }

  function send(request) {
    const how = { source: byId("item"), target: `#${request.into}`, swap: "outerHTML", values: request.body };
    return window.htmx.ajax("POST", request.url, how).catch(() => { request.status = 0; });
  }

  const isAnswered = (status) => (status >= 200 && status < 300) || status === 409 || status === 422;

  function work() {
    window.clearTimeout(timer);
    working = working || all().finally(() => { working = null; });
    return working;
  }

  async function all() {
    while (byId("answer-form") && !leaving && (unsure || pressed || due > kept)) {
      sending = unsure || compose(pressed);
      const request = sending;
      if (!unsure) pressed = null;
      await send(request);
      sending = null;
      if (!isAnswered(request.status)) {
        unsure = asSave(request);
        notSaved(request);
        return;
      }
      unsure = null;
      kept = Math.max(kept, request.edits);
      tries = 0;
      if (request.status >= 300 || request.refused) pressed = null;
      if (!pressed && !leaving) unlock(request.button);
    }
  }

  function notSaved(request) {
    const asked = request.button || pressed;
    const signedOut = request.status === 401;
    complain(ssa.word(signedOut ? "signedOut" : "trouble"), Boolean(asked));
    if (asked) refuseMove();
    pressed = null;
    unlock(asked);
    if (signedOut) {
      signInHere();
      return;
    }
    timer = window.setTimeout(work, RETRY_AFTER[Math.min(tries, RETRY_AFTER.length - 1)]);
    tries += 1;
  }

  function isUnsaved() {
    const unread = byId("answer-problem");
    return Boolean(byId("token") && !leaving && (unsure || sending || pressed || edits > kept || unread));
  }

  /* What is typed and not sent yet goes now, as at the end of the clock. Gives whether it waits for an answer, and
     whether it was refused. */
  ssa.saveTyped = async () => {
    due = edits;
    await work();
    return { waits: Boolean(unsure), refused };
  };

  /* ---- What the candidate does ---- */

  const isAnswerForm = (form) => Boolean(form) && form.id === "answer-form" && byId("token") && window.htmx;

  document.addEventListener("input", (event) => {
    if (event.target.name && isAnswerForm(event.target.form)) edits += 1;
  });

  document.addEventListener("change", (event) => {
    if (!event.target.closest("#answer-form fieldset.answer") || !byId("token") || !window.htmx) return;
    edits += 1;
    due = edits;
    const receipt = byId("receipt");
    if (receipt && !isLoud()) receipt.textContent = ssa.word("saving");
    work();
  });

  /* One move at a time: a second press, or an option pressed on a page that is leaving, would be lost without a word. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !isAnswerForm(form)) return;
    event.preventDefault();
    if (form.inert) return;
    pressed = event.submitter || form.querySelector("button[name='go']");
    lock(form);
    work();
  });

  window.addEventListener("online", () => { if (unsure) work(); });

  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved()) event.preventDefault();
  });

  /* A page kept by the browser is older than the attempt. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && byId("answer-form")) window.location.reload();
  });

  /* ---- What the server answers ---- */

  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!sending || event.detail.elt !== byId("item")) return;
    const xhr = event.detail.xhr;
    const to = xhr.getResponseHeader("HX-Redirect");
    const isPage = /^\s*(<!--[^]*?-->\s*)?<!doctype/i.test(xhr.response); // of some gateway in between
    sending.status = isPage ? 0 : xhr.status;
    if (isPage) event.preventDefault();
    if (isAnswered(sending.status)) calm();
    const isClosed = Boolean(to) && to.endsWith("/review") && sending.body.get("go") !== "review";
    if (isClosed || (ssa.isOver() && sending.status === 422)) {
      refused = sending.refused = true;
      event.preventDefault();
      ssa.end();
    } else if (to) {
      leaving = true;
    }
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const typedOn = sending && event.detail.elt === byId("item") && edits > sending.edits;
    if (typedOn && event.detail.xhr.status === 422) event.detail.shouldSwap = false;
  });

  function sameAgain(fresh, button) {
    const flag = fresh.querySelector("[data-flag]");
    const again = button && fresh.querySelector(`button[name='${button.name}'][value='${CSS.escape(button.value)}']`);
    if (button && button.value === "flag") ssa.announce(ssa.word(flag.hasAttribute("data-flagged") ? "flagged" : "unflagged"));
    else ssa.announce(savedWords());
    if (again && !again.disabled) again.focus({ preventScroll: true });
    else fresh.querySelector("h1").focus({ preventScroll: true });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const fresh = event.target;
    if (fresh.id === "receipt" && sending && due > sending.edits) {
      fresh.textContent = ssa.word("saving"); // what is shown by now is not what was saved
    } else if (fresh.id === "receipt") {
      showLocalTime();
      ssa.announce(savedWords());
    }
    if (fresh.id !== "item") return;
    showLocalTime();
    const same = fresh.dataset.item && fresh.dataset.item === shownItem;
    const unread = fresh.querySelector("[aria-invalid='true']");
    shownItem = fresh.dataset.item || null;
    if (unread) unread.focus();
    else if (same && !fresh.querySelector(".notice")) sameAgain(fresh, sending && sending.button);
    else ssa.arrive(fresh, savedWords());
  });

  /* ---- Signed out in the middle: sign in here, and the answer that waits is sent ---- */

  async function signInHere() {
    const dialog = byId("signin-dialog");
    if (!dialog || dialog.open) return;
    const form = await fetch(dialog.dataset.form, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!form || !form.ok || form.redirected) { // somebody signed in meanwhile, or nobody answers
      timer = window.setTimeout(work, RETRY_AFTER[1]);
      return;
    }
    const place = dialog.querySelector("[data-form-place]");
    place.innerHTML = await form.text();
    window.htmx.process(place);
    dialog.showModal();
    place.querySelector("[name='password']").focus();
  }

  ssa.signInHere = signInHere;

  document.addEventListener("signedIn", () => {
    byId("signin-dialog").close();
    work();
  });

  /* What was chosen or typed before this script arrived, on a slow line, is saved too. */
  function takeUp() {
    const inputs = Array.from(document.querySelectorAll("#answer-form fieldset.answer input"));
    const differs = (one) => one.checked !== one.defaultChecked || (one.type === "text" && one.value !== one.defaultValue);
    if (!byId("token") || !window.htmx || !inputs.some(differs)) return;
    edits += 1;
    due = edits;
    work();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const item = byId("item");
    shownItem = item && item.dataset.item;
    showLocalTime();
    takeUp();
  });
})();
