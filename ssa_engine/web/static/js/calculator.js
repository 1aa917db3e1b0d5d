/* A calculator of four functions, one step after the other as on a desk; percent and square root. No memory, no eval. */
(function () {
  "use strict";

  const DIGITS = 12;
  const SIGNS = { "+": "+", "-": "−", "*": "×", "/": "÷" };
  const WORK = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b };
  const FRESH = { typed: "", left: null, sign: null, value: 0 };
  const KEYS = { Enter: "=", ",": ".", Backspace: "back", Delete: "clear", Escape: "clear", x: "*", "×": "*", "÷": "/", "−": "-" };
  let state = { ...FRESH };

  const exact = (number) => Number(number.toPrecision(DIGITS));
  const current = () => (state.typed === "" ? state.value : Number(state.typed));

  function written(number) {
    if (!Number.isFinite(number)) return panel().dataset.impossible;
    const size = Math.abs(number);
    const text = size && (size >= 1e12 || size < 1e-9) ? number.toExponential(6) : String(exact(number));
    return text.replaceAll("-", "−");
  }

  const panel = () => document.getElementById("calculator");

  function show() {
    const sum = state.sign ? `${written(state.left)} ${SIGNS[state.sign]}` : "";
    document.getElementById("calc-sum").textContent = sum;
    const now = document.getElementById("calc-now");
    const words = state.typed === "" ? written(state.value) : state.typed.replace("-", "−");
    if (now.textContent !== words) now.textContent = words;
  }

  function finish() {
    const right = current();
    const value = state.sign ? exact(WORK[state.sign](state.left, right)) : right;
    state = { ...FRESH, value };
  }

  function type(key) {
    if (key === "." && state.typed.includes(".")) return;
    if (state.typed.replace(/\D/g, "").length >= DIGITS) return;
    state.typed = key === "." && state.typed === "" ? "0." : state.typed === "0" && key !== "." ? key : state.typed + key;
  }

  function take(sign) {
    if (state.sign && state.typed === "") state.sign = sign; // another sign instead
    else {
      finish();
      state = { ...FRESH, left: state.value, sign, value: state.value };
    }
  }

  function changed(value) {
    state.typed = "";
    state.value = exact(value);
  }

  function percent() {
    const part = current() / 100;
    changed(state.sign === "+" || state.sign === "-" ? state.left * part : part);
  }

  function press(key) {
    if (!Number.isFinite(state.value) || (state.left !== null && !Number.isFinite(state.left))) state = { ...FRESH };
    if (/^[\d.]$/.test(key)) type(key);
    else if (key in SIGNS) take(key);
    else if (key === "=") finish();
    else if (key === "%") percent();
    else if (key === "root") changed(Math.sqrt(current()));
    else if (key === "sign") {
      if (state.typed) state.typed = state.typed.startsWith("-") ? state.typed.slice(1) : `-${state.typed}`;
      else changed(-current());
    } else if (key === "back") state.typed = state.typed.slice(0, -1).replace(/^-$/, "");
    else state = { ...FRESH };
    show();
  }

  function open(button) {
    const shown = panel().hidden;
    panel().hidden = !shown;
    button.setAttribute("aria-expanded", shown);
    if (!shown) return;
    show();
    panel().focus();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-aid='calculator']");
    const key = event.target.closest("#calculator [data-press]");
    if (opener) open(opener);
    if (key) press(key.dataset.press);
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.closest?.("#calculator") || event.ctrlKey || event.metaKey || event.altKey) return;
    const onKey = event.target.matches("[data-press]") && (event.key === "Enter" || event.key === " ");
    const key = KEYS[event.key] || event.key;
    if (onKey || !/^([\d.%+*/=-]|back|clear)$/.test(key)) return;
    event.preventDefault();
    press(key);
  });
})();
