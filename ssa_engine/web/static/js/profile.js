/* Saving a screen of the profile as one goes: one request at a time, each with all that is chosen by then.
   The buttons send the form as any other does; without this script nothing is lost. */
(function () {
  "use strict";

  const byId = (id) => document.getElementById(id);
  let edits = 0;      // how often something was chosen
  let kept = 0;       // up to which choice the server has answered
  let status = 0;     // of the request under way
  let working = null; // the promise of all of it
  let leaving = false;

  function say(words, isLoud) {
    const old = byId("receipt");
    if (!old) return;
    const receipt = document.createElement("p");
    receipt.id = "receipt";
    receipt.className = isLoud ? "receipt trouble" : "receipt";
    if (isLoud) receipt.setAttribute("role", "alert");
    receipt.textContent = words;
    old.replaceWith(receipt);
  }

  /* The receipt's time, which comes in UTC, in the person's own zone. */
  function showLocalTime() {
    const time = document.querySelector("#receipt time");
    if (time) time.textContent = new Date(time.dateTime).toLocaleTimeString("en-GB");
  }

  async function saveAll() {
    while (byId("profile-form") && !leaving && edits > kept) {
      const form = byId("profile-form");
      const sent = edits;
      const how = { source: byId("screen"), target: "#saved", swap: "outerHTML", values: new FormData(form) };
      status = 0;
      await window.htmx.ajax("POST", form.action, how).catch(() => { status = 0; });
      if (status !== 200 && status !== 409) {
        say(status === 401 ? form.dataset.signedOut : form.dataset.trouble, true);
        return;
      }
      kept = sent;
    }
  }

  function work() {
    working = working || saveAll().finally(() => { working = null; });
    return working;
  }

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (!form || form.id !== "profile-form" || !window.htmx) return;
    edits += 1;
    say(form.dataset.saving, false);
    work();
  });

  /* A button waits for the choice that is on its way, so that the form says what was there when it is sent. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "profile-form") return;
    if (!working) {
      leaving = true;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    working.finally(() => { if (form.isConnected && !leaving) form.requestSubmit(button); });
  });

  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.elt === byId("screen")) status = event.detail.xhr.status;
  });

  document.addEventListener("htmx:afterSwap", showLocalTime);
  document.addEventListener("DOMContentLoaded", showLocalTime);

  window.addEventListener("beforeunload", (event) => {
    if (!leaving && edits > kept) event.preventDefault();
  });

  /* A page kept by the browser is older than what is saved. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
})();
