/* A place on an image: a press marks it, arrow keys steer a cross-hair, and the place is written where it could be typed.
   Coordinates are those of the image, whatever size it has on the screen. Without this script the image posts the form. */
(function () {
  "use strict";

  const ssa = window.ssa;
  const SVG = "http://www.w3.org/2000/svg";
  const STEP = 10;
  const FINE = 1;
  const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const SPOKEN_AFTER = 400;
  const STILL = 6;
  const within = (value, most) => Math.min(Math.max(Math.round(value), 0), most - 1);

  function read(text, width, height) {
    const found = /^\s*(\d+)\s*[,; ]\s*(\d+)\s*$/.exec(text);
    const [x, y] = found ? [Number(found[1]), Number(found[2])] : [width, height];
    return x < width && y < height ? { x, y } : null;
  }

  function line(hair, edge) {
    const one = document.createElementNS(SVG, "line");
    if (edge) one.classList.add("edge");
    hair.append(one);
    return one;
  }

  /* A cross-hair over the whole image, each of its lines twice: a dark edge below, a bright dash above. */
  function crossHair(overlay, width, height) {
    const hair = document.createElementNS(SVG, "g");
    hair.classList.add("hotspot-hair");
    const across = [line(hair, true), line(hair, false)];
    const down = [line(hair, true), line(hair, false)];
    overlay.prepend(hair);
    const set = (one, x1, y1, x2, y2) => Object.entries({ x1, y1, x2, y2 }).forEach(([name, at]) => one.setAttribute(name, at));
    return ({ x, y }) => {
      across.forEach((one) => set(one, 0, y, width, y));
      down.forEach((one) => set(one, x, 0, x, height));
    };
  }

  function pictureFor(input) {
    const picture = new Image(input.width, input.height);
    picture.alt = "";
    picture.draggable = false;
    picture.src = input.src;
    input.replaceWith(picture);
    return picture;
  }

  function steer(spot) {
    const field = document.getElementById("place");
    const overlay = spot.querySelector(".hotspot-overlay");
    const mark = document.getElementById("hotspot-mark");
    const { width, height } = overlay.viewBox.baseVal;
    const frame = spot.closest(".viewer-frame");
    pictureFor(spot.querySelector(".hotspot-image"));
    spot.tabIndex = 0;
    spot.setAttribute("role", "application");
    spot.setAttribute("aria-label", spot.dataset.label);
    spot.setAttribute("aria-describedby", "hotspot-keys");
    const showHair = crossHair(overlay, width, height);
    let at = read(field.value, width, height) || { x: Math.round(width / 2), y: Math.round(height / 2) };
    let speaking = null;

    function show(place) {
      if (!place) return mark.setAttribute("visibility", "hidden");
      mark.setAttribute("visibility", "visible");
      return mark.setAttribute("transform", `translate(${place.x} ${place.y})`);
    }

    /* The mark is drawn in screen pixels, so that it is as easy to see on a phone. */
    function keepSize() {
      const shown = overlay.getBoundingClientRect().width;
      if (shown) mark.firstElementChild.setAttribute("transform", `scale(${width / shown})`);
    }

    function speak(name) {
      window.clearTimeout(speaking);
      const words = ssa.word(name, at);
      speaking = window.setTimeout(() => ssa.announce(words), name === "marked" ? 0 : SPOKEN_AFTER);
    }

    function moveTo(x, y) {
      at = { x: within(x, width), y: within(y, height) };
      showHair(at);
    }

    function place() {
      field.value = `${at.x},${at.y}`;
      show(at);
      field.dispatchEvent(new Event("change", { bubbles: true }));
      speak("marked");
    }

    /* Where the cross-hair goes, a frame that shows a part of the image follows. */
    function follow() {
      const box = overlay.getBoundingClientRect();
      const left = (at.x / width) * box.width;
      const top = (at.y / height) * box.height;
      if (left < frame.scrollLeft || left > frame.scrollLeft + frame.clientWidth) frame.scrollLeft = left - frame.clientWidth / 2;
      if (top < frame.scrollTop || top > frame.scrollTop + frame.clientHeight) frame.scrollTop = top - frame.clientHeight / 2;
    }

    let pressed = null;
    spot.addEventListener("pointerdown", (event) => { pressed = event.isPrimary && event.button === 0 ? event : null; });
    spot.addEventListener("click", (event) => {
      const moved = pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) > STILL;
      if (moved || !event.detail) return;
      const box = overlay.getBoundingClientRect();
      moveTo(Math.floor(((event.clientX - box.left) / box.width) * width), Math.floor(((event.clientY - box.top) / box.height) * height));
      place();
    });
    spot.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const way = WAYS[event.key];
      if (way) {
        const step = event.shiftKey ? FINE : STEP;
        moveTo(at.x + way[0] * step, at.y + way[1] * step);
        follow();
        speak("crossHairAt");
      } else if (event.key === "Enter" || event.key === " ") {
        place();
      } else {
        return;
      }
      event.preventDefault();
    });
    field.addEventListener("input", () => {
      const typed = read(field.value, width, height);
      show(typed);
      if (typed) moveTo(typed.x, typed.y);
    });

    showHair(at);
    keepSize();
    new ResizeObserver(keepSize).observe(overlay);
  }

  function arrive() {
    const spot = document.querySelector("#hotspot:not([tabindex])");
    if (spot && !spot.querySelector("[disabled]")) steer(spot);
  }

  document.addEventListener("DOMContentLoaded", arrive);
  document.addEventListener("htmx:afterSwap", arrive);
})();
