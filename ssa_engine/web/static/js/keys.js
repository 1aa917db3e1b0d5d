/* The keys of a console page: the list behind ? and the button in the foot, and the switch that turns them off.
   ssa.useKeys({lines, act, paused}): lines() gives the list, each line made of [key, words] pairs; act(key) does what
   a key means and says whether it did; while paused(event) is true no key does anything. ssa.consoleWords: the words
   of the page. */
(function () {
  "use strict";

  const ssa = window.ssa = window.ssa || {};
  const STORE = "ssa-keys";
  const words = JSON.parse(document.querySelector('meta[name="ssa-console-words"]').content);
  const typing = (node) => node.closest("input, select, textarea, [contenteditable]");
  const off = () => localStorage.getItem(STORE) === "off";

  function lineOf(pairs) {
    const line = document.createElement("p");
    pairs.forEach(([name, text], index) => {
      const key = document.createElement("kbd");
      key.textContent = name;
      line.append(index ? ", " : "", key, ` ${text}`);
    });
    return line;
  }

  function keysDialog(lines) {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "keys-heading");
    dialog.innerHTML = '<h2 id="keys-heading" data-word="keys"></h2>' +
      '<p><label><input type="checkbox"> <span data-word="use"></span></label></p>' +
      '<form method="dialog"><button class="button primary" data-word="close"></button></form>';
    dialog.querySelectorAll("[data-word]").forEach((each) => { each.textContent = words[each.dataset.word]; });
    dialog.querySelector("h2").after(...[...lines, [["?", words.list]]].map(lineOf));
    const box = dialog.querySelector("input");
    box.checked = !off();
    box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
    document.body.append(dialog);
    return dialog;
  }

  function buttonInFoot(show) {
    const foot = document.querySelector(".foot");
    if (!foot) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button plain";
    button.textContent = words.keys;
    button.addEventListener("click", show);
    foot.append(button);
  }

  ssa.consoleWords = words;
  ssa.useKeys = ({ lines, act, paused = () => false }) => {
    let dialog = null;
    const show = () => {
      dialog = dialog || keysDialog(lines());
      dialog.showModal();
    };
    buttonInFoot(show);
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (off() || (dialog && dialog.open) || paused(event)) return;
      if (event.key === "?") {
        show();
      } else if (!act(event.key)) {
        return;
      }
      event.preventDefault();
    });
  };
})();
