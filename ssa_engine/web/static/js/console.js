/* The console's tables: sort by a head, find rows, and a few keys. All tables read without it. */
(function () {
  "use strict";

  const { consoleWords: words, useKeys } = window.ssa;

  function valueOf(row, index, kind) {
    const cell = row.cells[index];
    const text = cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.trim();
    if (kind !== "number") return text.toLowerCase();
    return text === "" || text === "–" ? null : Number(text.replace("−", "-"));
  }

  function sort(table, head, down) {
    const index = head.cellIndex;
    const kind = head.dataset.sort;
    const body = table.tBodies[0];
    const sign = down ? -1 : 1;
    const rows = Array.from(body.rows, (row) => ({ row, value: valueOf(row, index, kind) }));
    rows.sort((one, other) => {
      if (one.value === null || other.value === null) return (one.value === null) - (other.value === null);
      if (kind === "number") return sign * (one.value - other.value);
      return sign * one.value.localeCompare(other.value, document.documentElement.lang, { numeric: true });
    });
    table.querySelectorAll("[aria-sort]").forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows.map((each) => each.row));
  }

  /* The order of a table stands in the address, as sort.TABLE=COLUMN, with a minus before the column where the largest
     come first: the view is a link that can be mailed. A column goes by its name in the file, else by its number. */
  const keyOf = (table) => `sort.${table.id}`;
  const nameOf = (head) => head.dataset.name || String(head.cellIndex + 1);
  const inAddress = () => new URLSearchParams(window.location.search);
  const orders = new Map(Array.from(inAddress()).filter(([key]) => key.startsWith("sort.")));

  function writeOrders() {
    const address = new URL(window.location.href);
    orders.forEach((order, key) => address.searchParams.set(key, order));
    window.history.replaceState(window.history.state, "", address);
  }

  function sortAsAddressed(table) {
    const order = table.id && orders.get(keyOf(table));
    if (!order) return;
    const name = order.replace(/^-/, "");
    const heads = Array.from(table.querySelectorAll("thead th[data-sort]"));
    const head = heads.find((each) => nameOf(each) === name);
    if (head) sort(table, head, name !== order);
  }

  function sortByHead(table, head) {
    const down = head.getAttribute("aria-sort") === "ascending";
    sort(table, head, down);
    if (!table.id) return;
    orders.set(keyOf(table), (down ? "-" : "") + nameOf(head));
    writeOrders();
  }

  function makeSortable(table) {
    table.querySelectorAll("thead th[data-sort]").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorter";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sortByHead(table, head));
    });
    sortAsAddressed(table);
  }

  function makeFindable(input) {
    const table = document.getElementById(input.dataset.find);
    if (!table) return;
    input.closest("[data-needs-script]").hidden = false;
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let left = 0;
      Array.from(table.tBodies[0].rows).forEach((row) => {
        row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
        left += row.hidden ? 0 : 1;
      });
      const region = document.getElementById("announcer");
      if (region) region.textContent = left === 1 ? words.row : words.rows.replace("{n}", left);
    });
  }

  /* j and k walk the rows of a table, by their links if they have any; / finds, ? shows the keys. They can be
     turned off. Where no row has the focus yet, they begin in the main table. */
  function move(step) {
    const here = document.activeElement.closest(".data tbody tr");
    const scope = here ? here.closest("table") : document.querySelector("table[data-main]");
    const rows = Array.from((scope || document).querySelectorAll(
      scope ? "tbody tr:not([hidden])" : ".data tbody tr:not([hidden])"));
    const linked = rows.filter((row) => row.querySelector("a"));
    const stops = linked.length ? linked.map((row) => row.querySelector("a")) : rows;
    if (!stops.length) return;
    const at = stops.findIndex((stop) => stop === document.activeElement);
    const to = at < 0 ? (step > 0 ? 0 : stops.length - 1) : Math.min(Math.max(at + step, 0), stops.length - 1);
    if (stops[to].matches("tr")) stops[to].tabIndex = -1;
    stops[to].focus();
  }

  function act(key) {
    const box = document.querySelector("[data-find], input[type='search']");
    if (key === "/" && box) {
      box.focus();
    } else if (key === "j" || key === "k") {
      move(key === "j" ? 1 : -1);
    } else {
      return false;
    }
    return true;
  }

  const lines = () => [[["/", words.find]], [["j", words.nextRow], ["k", words.previousRow]]];

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
    document.addEventListener("htmx:load", (event) => {
      event.detail.elt.querySelectorAll("table[data-sortable]:not(:has(.sorter))").forEach(makeSortable);
    });
    document.addEventListener("htmx:pushedIntoHistory", writeOrders);
    document.querySelectorAll("[data-find]").forEach(makeFindable);
    useKeys({ lines, act });
  });
})();
