/* A list put in order: the arrows move an entry at once, the dots let it be dragged, and each change saves itself.
   Without this script an arrow posts the form. */
(function () {
  "use strict";

  const ssa = window.ssa;
  const QUICK = 120;
  const list = () => document.getElementById("sorting");
  const rowsOf = (one) => Array.from(one.querySelectorAll(".sort-row"));
  let held = null;

  const orderOf = (one) => rowsOf(one).map((row) => row.dataset.entry).join();
  const nameOf = (row) => row.querySelector(".sort-text").textContent.trim();
  const arrow = (row, way) => row.querySelector(`.sort-move[value$=':${way}']`);

  /* The first goes no higher and the last no lower. A pressed arrow that ends there hands the focus to its partner. */
  function settle(rows) {
    const focused = document.activeElement;
    rows.forEach((row, at) => {
      [["up", "down", at === 0], ["down", "up", at === rows.length - 1]].forEach(([way, other, ends]) => {
        const button = arrow(row, way);
        if (ends && button === focused) {
          arrow(row, other).disabled = false;
          arrow(row, other).focus();
        }
        button.disabled = ends;
      });
    });
  }

  /* The order becomes the answer, and is saved. */
  function commit(one) {
    const rows = rowsOf(one);
    rows.forEach((row) => { row.querySelector("input").name = "answer"; });
    settle(rows);
    document.getElementById("sort-state").textContent = ssa.word("orderIsAnswer");
    rows[0].querySelector("input").dispatchEvent(new Event("change", { bubbles: true }));
  }

  function tell(row) {
    const rows = rowsOf(row.parentElement);
    ssa.announce(ssa.word("nowAt", { entry: nameOf(row), n: rows.indexOf(row) + 1, all: rows.length }));
  }

  /* Show where a row went. */
  function glide(row, from) {
    const way = from - row.getBoundingClientRect().top;
    if (!way || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    row.animate([{ transform: `translateY(${way}px)` }, { transform: "none" }], { duration: QUICK, easing: "ease-out" });
  }

  /* The neighbour is moved, not the row: what has the focus, or is held, stays where it is. */
  function swap(row, neighbour, above) {
    const tops = [row, neighbour].map((each) => [each, each.getBoundingClientRect().top]);
    if (above) row.after(neighbour);
    else row.before(neighbour);
    tops.forEach(([each, top]) => { if (each !== held?.row) glide(each, top); });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#item button[name='move']");
    if (!button || !list()) return;
    event.preventDefault();
    if (button.value === "keep") {
      commit(list());
      document.getElementById("sort-state").focus();
      return;
    }
    const row = button.closest(".sort-row");
    const above = button.value.endsWith(":up");
    const neighbour = above ? row.previousElementSibling : row.nextElementSibling;
    if (!neighbour) return;
    swap(row, neighbour, above);
    commit(row.parentElement);
    tell(row);
  });

  /* ---- Dragging, by mouse or finger ---- */

  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(".sort-handle");
    if (!handle || event.button !== 0 || held) return;
    event.preventDefault();
    const row = handle.closest(".sort-row");
    held = { row, pointer: event.pointerId, before: rowsOf(row.parentElement) };
    row.classList.add("held");
  });

  document.addEventListener("pointermove", (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    const row = held.row;
    const above = row.previousElementSibling;
    const below = row.nextElementSibling;
    const middle = (other) => {
      const box = other.getBoundingClientRect();
      return box.top + box.height / 2;
    };
    if (above && event.clientY < middle(above)) swap(row, above, true);
    else if (below && event.clientY > middle(below)) swap(row, below, false);
  });

  function drop(keep) {
    if (!held) return;
    const { row, before } = held;
    held = null;
    row.classList.remove("held");
    if (!row.isConnected) return;
    if (!keep) row.parentElement.append(...before);
    else if (orderOf(row.parentElement) !== before.map((each) => each.dataset.entry).join()) {
      commit(row.parentElement);
      tell(row);
    }
  }

  document.addEventListener("pointerup", (event) => { if (held && event.pointerId === held.pointer) drop(true); });
  document.addEventListener("pointercancel", () => drop(false));
  window.addEventListener("blur", () => drop(false));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") drop(false); });
})();
