/* What a candidate keeps beside an answer: options struck out, a note, a comment. Kept on the server as it is done.
   Without this script they travel with the form. */
(function () {
  "use strict";

  const ssa = window.ssa;
  const TYPED_AFTER = 700;
  const RETRY_AFTER = [2000, 4000, 8000, 16000];
  const byId = (id) => document.getElementById(id);
  const waiting = new Map();
  let sending = false;
  let tries = 0;
  let timer = null;
  let typing = null;
  let open = false;

  /* ---- Keeping: what waits for one item is one request, sent until the server has it ---- */

  function address() {
    const form = byId("answer-form");
    return form && byId("token") ? `${form.action}/tools` : null;
  }

  /* Keep some fields of the item shown; `told(kept)` is called with whether they are. Nothing is kept of a practice. */
  ssa.keep = (fields, told = () => {}) => {
    const url = address();
    if (!url) return;
    const entry = waiting.get(url) || { fields: {}, told: [] };
    Object.assign(entry.fields, fields);
    entry.told.push(told);
    waiting.set(url, entry);
    send();
  };

  async function send() {
    window.clearTimeout(timer);
    if (sending || !waiting.size) return;
    sending = true;
    const [url, entry] = waiting.entries().next().value;
    waiting.delete(url);
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(entry.fields), keepalive: true }).catch(() => null);
    sending = false;
    const kept = Boolean(answer && answer.ok && !answer.redirected);
    const later = !answer || answer.redirected || answer.status === 401 || answer.status >= 500;
    entry.told.forEach((told) => told(kept));
    if (kept || !later) {
      tries = 0;
      send();
      return;
    }
    const newer = waiting.get(url);
    waiting.set(url, newer ? { fields: { ...entry.fields, ...newer.fields }, told: [...entry.told, ...newer.told] } : entry);
    timer = window.setTimeout(send, RETRY_AFTER[Math.min(tries, RETRY_AFTER.length - 1)]);
    tries += 1;
  }

  window.addEventListener("online", send);

  window.addEventListener("beforeunload", (event) => { if (tries && waiting.size) event.preventDefault(); });

  /* ---- Options struck out: they can still be chosen ---- */

  function strike(button) {
    const row = button.closest(".option-row");
    const struck = row.classList.toggle("struck");
    button.setAttribute("aria-pressed", struck);
    const all = document.querySelectorAll("#item .struck .strike");
    ssa.keep({ struck: Array.from(all, (one) => one.value).join() });
    ssa.announce(ssa.word(struck ? "struck" : "unstruck", { letter: row.querySelector(".option-letter").textContent }));
  }

  /* ---- The note, kept as it is typed; the comment, sent by its button ---- */

  function say(id, name) {
    if (byId(id)) byId(id).textContent = ssa.word(name);
  }

  function keepNote() {
    window.clearTimeout(typing);
    typing = null;
    const note = byId("note");
    if (!note) return;
    ssa.keep({ note: note.value }, (kept) => {
      if (!note.isConnected) return;
      say("note-state", kept ? "noteKept" : "noteNotYet");
      byId("aid-mark").hidden = !kept || !note.value;
    });
  }

  function sendComment() {
    const comment = byId("comment");
    const words = comment.value.trim();
    if (!words) {
      say("comment-state", "commentEmpty");
      comment.focus();
      return;
    }
    say("comment-state", "commentSending");
    ssa.keep({ comment: words }, (kept) => {
      if (!comment.isConnected) return;
      say("comment-state", kept ? "commentSent" : "commentNotYet");
      if (kept && comment.value.trim() === words) comment.value = "";
    });
  }

  /* They are no part of the answer: the receipt of an answer has nothing to say of them. */
  document.addEventListener("input", (event) => {
    if (!event.target.closest("#aids")) return;
    event.stopPropagation();
    if (event.target.id !== "note") return;
    say("note-state", "");
    window.clearTimeout(typing);
    typing = window.setTimeout(keepNote, TYPED_AFTER);
  }, true);

  document.addEventListener("focusout", () => { if (typing) keepNote(); });
  window.addEventListener("pagehide", () => { if (typing) keepNote(); });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#item .strike");
    if (button) {
      event.preventDefault();
      strike(button);
    }
    if (event.target.closest("[data-aid='comment']")) sendComment();
  });

  /* ---- What shows itself only with a script; and the tools stay open from one question to the next ---- */

  function arrive() {
    const item = byId("item");
    if (!item) return;
    item.querySelectorAll("[data-needs-script]").forEach((one) => { one.hidden = false; });
    item.querySelectorAll("[data-without-script]").forEach((one) => { one.hidden = true; });
    const aids = byId("aids");
    if (!aids) return;
    aids.open = open;
    aids.addEventListener("toggle", () => { if (aids.isConnected) open = aids.open; });
  }

  document.addEventListener("DOMContentLoaded", arrive);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "item") arrive(); });
})();
