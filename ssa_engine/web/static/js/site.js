/* What every page gains from a script: focus and words after a part of it was swapped. All pages work without it. */
(function () {
  "use strict";

  const ssa = window.ssa = window.ssa || {};
  const SPOKEN_AFTER = 50;
  let waiting = [];

  /* Say it politely. What is said in one instant is one announcement, so that nothing cuts off another. */
  ssa.announce = (words) => {
    const region = document.getElementById("announcer");
    if (!region || !words) return;
    waiting.push(words);
    if (waiting.length > 1) return;
    region.textContent = "";
    window.setTimeout(() => {
      region.textContent = waiting.join(". ").replaceAll("..", ".");
      waiting = [];
    }, SPOKEN_AFTER);
  };

  /* New content takes the title and the focus, and is announced once. */
  ssa.arrive = (fresh, also) => {
    const heading = fresh.querySelector("h1[tabindex='-1']");
    if (!heading) return;
    if (fresh.dataset.title) document.title = [fresh.dataset.title, document.title.split(" – ").pop()].join(" – ");
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
    ssa.announce([heading.textContent.trim(), also].filter(Boolean).join(". "));
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "item") ssa.arrive(event.target);
  });
})();
