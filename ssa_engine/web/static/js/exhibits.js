/* Exhibits: zoom, pan, brightness and contrast of images; and one that does not load is told, tried again and reported. */
(function () {
  "use strict";

  const ssa = window.ssa;
  const ZOOMS = [1, 1.5, 2, 3, 4, 6];
  const PAN = 40;
  const STILL = 6;
  const WAYS = { ArrowLeft: [-PAN, 0], ArrowRight: [PAN, 0], ArrowUp: [0, -PAN], ArrowDown: [0, PAN] };
  const RETRY_AFTER = [2000, 4000, 8000, 16000, 30000];

  /* ---- The viewer ---- */

  function view(viewer) {
    const frame = viewer.querySelector(".viewer-frame");
    const shown = frame.firstElementChild;
    const button = (name) => viewer.querySelector(`[data-zoom='${name}']`);
    let step = 0;
    let fit = 0;

    /* Zoom keeps the point below the pointer, else the middle, where it is. */
    function zoom(to, point) {
      if (to < 0 || to >= ZOOMS.length || to === step) return;
      if (step === 0) fit = shown.getBoundingClientRect().width;
      const box = frame.getBoundingClientRect();
      const [dx, dy] = point ? [point.clientX - box.left, point.clientY - box.top] : [frame.clientWidth / 2, frame.clientHeight / 2];
      const ratio = ZOOMS[to] / ZOOMS[step];
      const left = (frame.scrollLeft + dx) * ratio - dx;
      const top = (frame.scrollTop + dy) * ratio - dy;
      if (to && !step) frame.style.blockSize = `${frame.getBoundingClientRect().height}px`;
      step = to;
      frame.classList.toggle("larger", step > 0);
      shown.style.inlineSize = step ? `${fit * ZOOMS[step]}px` : "";
      if (!step) frame.style.blockSize = "";
      frame.scrollLeft = left;
      frame.scrollTop = top;
      const words = `${ZOOMS[step] * 100}\u00a0%`;
      viewer.querySelector(".zoom-now").textContent = words;
      [["in", step === ZOOMS.length - 1], ["out", step === 0], ["fit", step === 0]].forEach(([name, off]) => {
        if (off && button(name) === document.activeElement) button(name === "in" ? "out" : "in").focus();
        button(name).disabled = off;
      });
    }

    viewer.querySelectorAll("[data-zoom]").forEach((each) => each.addEventListener("click", () => {
      zoom({ in: step + 1, out: step - 1, fit: 0 }[each.dataset.zoom]);
    }));
    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(step + (event.deltaY < 0 ? 1 : -1), event);
    }, { passive: false });

    if (!frame.querySelector(".hotspot")) {
      frame.tabIndex = 0;
      frame.setAttribute("role", "group");
      frame.setAttribute("aria-label", frame.dataset.label);
      frame.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const way = WAYS[event.key];
        if (way && step) frame.scrollBy(...way);
        else if (event.key === "+" || event.key === "-") zoom(step + (event.key === "+" ? 1 : -1));
        else if (event.key === "0") zoom(0);
        else return;
        event.preventDefault();
      });
    }

    letPan(frame);
    if (viewer.querySelector(".viewer-window")) giveWindow(viewer, shown);
  }

  /* A finger pans by itself. A mouse that stays still only presses: on a hot spot that marks. */
  function letPan(frame) {
    let grip = null;
    frame.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0 || !frame.matches(".larger")) return;
      grip = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop };
    });
    frame.addEventListener("pointermove", (event) => {
      if (!grip) return;
      const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
      if (!frame.matches(".panned") && Math.hypot(dx, dy) <= STILL) return;
      frame.classList.add("panned");
      frame.setPointerCapture(event.pointerId);
      frame.scrollTo(grip.left - dx, grip.top - dy);
    });
    ["pointerup", "pointercancel", "pointerleave"].forEach((name) => frame.addEventListener(name, () => {
      grip = null;
      frame.classList.remove("panned");
    }));
  }

  function giveWindow(viewer, image) {
    const sliders = Array.from(viewer.querySelectorAll("input[data-window]"));
    const reset = viewer.querySelector("[data-window-reset]");

    function apply() {
      const changed = sliders.some((one) => one.value !== one.defaultValue);
      image.style.filter = changed ? sliders.map((one) => `${one.dataset.window}(${one.value}%)`).join(" ") : "";
      if (!changed && reset === document.activeElement) sliders[0].focus();
      reset.disabled = !changed;
    }

    sliders.forEach((one) => one.addEventListener("input", apply));
    reset.addEventListener("click", () => {
      sliders.forEach((one) => { one.value = one.defaultValue; });
      apply();
    });
  }

  /* ---- What does not load ---- */

  function missing(media) {
    const exhibit = media.closest("[data-exhibit]");
    if (!exhibit || !media.isConnected) return;
    let trouble = exhibit.querySelector(".exhibit-trouble");
    if (!trouble) {
      trouble = tell(exhibit, media);
      ssa.report("exhibit_missing", exhibit.dataset.exhibit);
    }
    const tries = Number(trouble.dataset.tries);
    trouble.querySelector("span").textContent = ssa.word(tries < RETRY_AFTER.length ? "missingTrying" : "missing");
    if (tries >= RETRY_AFTER.length) return;
    trouble.dataset.tries = tries + 1;
    window.setTimeout(() => again(media), RETRY_AFTER[tries]);
  }

  function tell(exhibit, media) {
    const trouble = document.createElement("div");
    trouble.className = "exhibit-trouble";
    trouble.setAttribute("role", "alert");
    trouble.dataset.tries = 0;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = ssa.word("tryAgain");
    button.addEventListener("click", () => again(media));
    trouble.append(document.createElement("span"), button);
    (media.closest(".viewer, figure") || exhibit).append(trouble);
    return trouble;
  }

  function again(media) {
    if (!media.isConnected || !media.closest("[data-exhibit]").querySelector(".exhibit-trouble")) return;
    const address = new URL(media.src);
    address.searchParams.set("again", Date.now());
    media.src = address.href;
  }

  function here(media) {
    const exhibit = media.closest?.("[data-exhibit]");
    const trouble = exhibit && exhibit.querySelector(".exhibit-trouble");
    if (!trouble) return;
    const focused = trouble.contains(document.activeElement);
    trouble.remove();
    ssa.announce(ssa.word("hereNow"));
    if (focused) document.getElementById("item-heading").focus({ preventScroll: true });
  }

  /* Neither error nor load bubbles; captions that are missing stand for their video. */
  document.addEventListener("error", (event) => {
    if (event.target.closest?.("[data-exhibit]")) missing(event.target.closest("video") || event.target);
  }, true);
  ["load", "loadedmetadata"].forEach((name) => document.addEventListener(name, (event) => here(event.target), true));

  function arrive() {
    document.querySelectorAll("#item [data-viewer]:not([data-ready])").forEach((viewer) => {
      viewer.dataset.ready = "";
      view(viewer);
    });
    document.querySelectorAll("#item [data-exhibit] img").forEach((image) => {
      if (image.complete && !image.naturalWidth && !image.closest("[data-exhibit]").querySelector(".exhibit-trouble")) missing(image);
    });
    document.querySelectorAll("#item [data-exhibit] video").forEach((video) => {
      if (video.error && !video.parentElement.querySelector(".exhibit-trouble")) missing(video);
    });
  }

  document.addEventListener("DOMContentLoaded", arrive);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "item") arrive(); });
})();
