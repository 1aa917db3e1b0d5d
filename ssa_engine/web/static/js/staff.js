/* A claim under review: one key for each move, reasons that can be changed before they are sent, sums as one types.
   The page works without it. What a key does stands on the element it presses, as data-press. */
(function () {
  "use strict";

  const pressed = (key) => document.querySelector(`[data-press="${CSS.escape(key)}"]`);

  function press(target) {
    if (target.matches("summary")) {
      const details = target.closest("details");
      details.open = true;
      const first = details.querySelector("select, textarea");
      if (first) first.focus();
    } else {
      target.focus();
      target.click();
    }
  }

  /* A reason that is ready goes into the field; words of one's own are never overwritten. */
  function fillFrom(select) {
    const field = document.getElementById(select.dataset.fillsField);
    const option = select.selectedOptions[0];
    const own = field.value.trim() !== "" && field.value !== field.dataset.filled;
    if (!option || !option.value || own) return;
    field.value = option.textContent;
    field.dataset.filled = field.value;
  }

  const number = (text) => {
    const value = Number(text.trim().replace(",", "."));
    return Number.isFinite(value) && value > 0 ? value : 0;
  };
  const written = (value) => {
    const text = String(Math.round(value * 100) / 100);
    return document.documentElement.lang === "es" ? text.replace(".", ",") : text;
  };

  function addUp(table) {
    let together = 0;
    let filled = 0;
    table.querySelectorAll("tbody tr").forEach((row) => {
      const given = number(row.querySelector("input").value);
      const open = Number(row.dataset.open);
      const fills = Math.min(given, open);
      together += given;
      filled += fills;
      row.querySelector("[data-fills]").textContent = written(fills);
      row.querySelector("[data-surplus]").textContent = written(given - fills);
      row.querySelector("[data-after]").textContent = written(open - fills);
    });
    const output = table.querySelector("#together");
    output.textContent = written(together);
    table.querySelector("tfoot [data-fills]").textContent = written(filled);
    table.querySelector("tfoot [data-surplus]").textContent = written(together - filled);
    output.classList.toggle("overdue", together > Number(output.dataset.most) + 1e-9);
  }

  function act(key) {
    const target = key.length === 1 ? pressed(key) : null;
    if (target) press(target);
    return target !== null;
  }

  const lines = () => Array.from(document.querySelectorAll("[data-press]"),
    (each) => [[each.dataset.press, each.textContent.trim()]]);

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-fills-field]").forEach((select) => {
      select.addEventListener("change", () => fillFrom(select));
    });
    const table = document.getElementById("effects");
    if (table && table.querySelector("tbody input")) {
      table.addEventListener("input", () => addUp(table));
      addUp(table);
    }
    document.querySelectorAll("[data-press]").forEach((each) => {
      each.setAttribute("aria-keyshortcuts", each.dataset.press);
    });
    let sent = false;
    document.addEventListener("submit", (event) => {
      if (event.target.getAttribute("method") !== "dialog") sent = true;
    });
    window.addEventListener("pageshow", () => { sent = false; });
    window.ssa.useKeys({ lines, act, paused: (event) => event.repeat || sent });
  });
})();
