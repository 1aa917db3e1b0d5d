/* The words that scripts show. They come from the page, in its language: <meta name="ssa-words" content="{…json…}">.
   ssa.word("saved") gives one, ssa.word("place", {n: 3}) fills {n}; ssa.count("minutesLeft", 3) chooses from
   {"one": …, "many": …}. A page may have several such metas. */
(function () {
  "use strict";

  const ssa = window.ssa = window.ssa || {};
  const known = {};

  document.querySelectorAll("meta[name='ssa-words']").forEach((meta) => Object.assign(known, JSON.parse(meta.content)));

  function fill(template, values) {
    return String(template).replace(/\{(\w+)\}/g, (all, name) => (values && name in values ? String(values[name]) : all));
  }

  ssa.word = (name, values) => (name in known ? fill(known[name], values) : "");
  ssa.count = (name, n) => (name in known ? fill(known[name][n === 1 ? "one" : "many"], { n }) : "");
})();
