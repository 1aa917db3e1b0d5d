/* The highlighter: words of the question, marked with the mouse, a finger or the keyboard, and kept on the server as
   ranges of characters of each block: {"stem":[[0,12]]}. */
(function () {
  "use strict";

  const ssa = window.ssa;
  const MOST = 2000;
  const SETTLED_AFTER = 1000;
  const byId = (id) => document.getElementById(id);
  const blocks = () => Array.from(document.querySelectorAll("#item [data-block]"));
  let marks = {};
  let on = false;
  let cursor = null;

  /* ---- Ranges: sorted, apart, by block ---- */

  function joined(ranges) {
    const result = [];
    ranges.sort((one, other) => one[0] - other[0]).forEach(([from, to]) => {
      const last = result[result.length - 1];
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else result.push([from, to]);
    });
    return result;
  }

  function withoutRange(ranges, from, to) {
    return ranges.flatMap(([a, b]) => [[a, Math.min(b, from)], [Math.max(a, to), b]].filter(([x, y]) => x < y));
  }

  function parsed(text) {
    try {
      return JSON.parse(text || "{}");
    } catch {
      return {};
    }
  }

  /* ---- Between characters of a block and places in the document ---- */

  function textsOf(block) {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let at = 0, node = walker.nextNode(); node; node = walker.nextNode()) {
      texts.push({ node, from: at, to: at + node.length });
      at += node.length;
    }
    return texts;
  }

  function rangeOf(block, from, to) {
    const texts = textsOf(block);
    const range = document.createRange();
    const first = texts.find((text) => from < text.to);
    const last = texts.find((text) => to <= text.to);
    if (!first || !last) return null;
    range.setStart(first.node, from - first.from);
    range.setEnd(last.node, to - last.from);
    return range;
  }

  /* Which characters of a block a range of the document covers: whole words. */
  function charactersOf(block, range) {
    const within = document.createRange();
    within.selectNodeContents(block);
    if (range.compareBoundaryPoints(Range.END_TO_START, within) >= 0 || range.compareBoundaryPoints(Range.START_TO_END, within) <= 0) return null;
    const before = document.createRange();
    before.selectNodeContents(block);
    let from = 0;
    if (block.contains(range.startContainer)) {
      before.setEnd(range.startContainer, range.startOffset);
      from = before.toString().length;
      within.setStart(range.startContainer, range.startOffset);
    }
    if (block.contains(range.endContainer)) within.setEnd(range.endContainer, range.endOffset);
    const to = from + within.toString().length;
    const words = wordsOf(block).filter(([start, end]) => start < to && from < end);
    return words.length ? [words[0][0], words[words.length - 1][1]] : null;
  }

  /* ---- Drawing ---- */

  function clear(block) {
    block.querySelectorAll("mark").forEach((mark) => mark.replaceWith(...mark.childNodes));
    block.normalize();
  }

  function draw(block) {
    clear(block);
    (marks[block.dataset.block] || []).forEach(([from, to]) => {
      textsOf(block).filter((text) => text.from < to && from < text.to && text.node.data.trim()).forEach((text) => {
        const piece = rangeOf(block, Math.max(from, text.from), Math.min(to, text.to));
        const mark = document.createElement("mark");
        mark.dataset.from = from;
        piece.surroundContents(mark);
      });
    });
  }

  function drawAll() {
    blocks().forEach(draw);
    const none = Object.values(marks).every((ranges) => !ranges.length);
    const remove = document.querySelector("[data-aid='unhighlight']");
    if (remove) remove.hidden = none;
  }

  function change(next, said) {
    const text = JSON.stringify(Object.fromEntries(Object.entries(next).filter(([, ranges]) => ranges.length)));
    if (text.length > MOST) {
      ssa.announce(ssa.word("highlightsFull"));
      return;
    }
    marks = next;
    drawAll();
    ssa.keep({ highlights: text === "{}" ? "" : text });
    ssa.announce(ssa.word(said));
  }

  function toggle(name, from, to) {
    const ranges = marks[name] || [];
    const whole = ranges.some(([a, b]) => a <= from && to <= b);
    change({ ...marks, [name]: whole ? withoutRange(ranges, from, to) : joined([...ranges.map((one) => [...one]), [from, to]]) },
      whole ? "unhighlighted" : "highlighted");
  }

  function highlightSelection() {
    const selection = window.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return false;
    const range = selection.getRangeAt(0);
    const next = { ...marks };
    let any = false;
    blocks().forEach((block) => {
      const found = charactersOf(block, range);
      if (!found) return;
      any = true;
      const name = block.dataset.block;
      next[name] = joined([...(next[name] || []).map((one) => [...one]), found]);
    });
    if (!any) return false;
    selection.removeAllRanges();
    change(next, "highlighted");
    return true;
  }

  /* ---- By hand ---- */

  let justMarked = false;
  let byFinger = false;
  let settling = null;

  document.addEventListener("pointerup", (event) => {
    justMarked = on && event.target.closest?.("#item") ? highlightSelection() : false;
  });

  /* A finger selects with handles, and lifts it more than once: what stands still is meant. */
  document.addEventListener("pointerdown", (event) => { byFinger = event.pointerType === "touch"; });
  document.addEventListener("selectionchange", () => {
    window.clearTimeout(settling);
    if (on && byFinger) settling = window.setTimeout(highlightSelection, SETTLED_AFTER);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-aid]");
    if (button?.dataset.aid === "highlighter") turn(!on);
    if (button?.dataset.aid === "unhighlight") {
      change({}, "unhighlighted");
      document.querySelector("[data-aid='highlighter']").focus();
    }
    const mark = on && event.target.closest("#item mark");
    if (mark && !justMarked) {
      const name = mark.closest("[data-block]").dataset.block;
      change({ ...marks, [name]: marks[name].filter(([from]) => from !== Number(mark.dataset.from)) }, "unhighlighted");
    }
    if (mark || justMarked) event.preventDefault();
    justMarked = false;
  });

  /* ---- By keyboard: a word at a time ---- */

  function wordsOf(block) {
    return Array.from(block.textContent.matchAll(/\S+/g), (found) => [found.index, found.index + found[0].length]);
  }

  function showCursor(block) {
    const words = wordsOf(block);
    const [first, last] = [Math.min(cursor.anchor, cursor.at), Math.max(cursor.anchor, cursor.at)];
    const range = rangeOf(block, words[first][0], words[last][1]);
    window.getSelection().removeAllRanges();
    window.getSelection().addRange(range);
    ssa.announce(range.toString());
    return [words[first][0], words[last][1]];
  }

  document.addEventListener("keydown", (event) => {
    const block = event.target;
    if (!on || !block.matches?.("#item [data-block]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const words = wordsOf(block);
    if (!words.length) return;
    if (!cursor || cursor.block !== block) cursor = { block, anchor: -1, at: -1 };
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (event.key in steps) {
      cursor.at = Math.min(Math.max(cursor.at + steps[event.key], 0), words.length - 1);
      if (!event.shiftKey || cursor.anchor < 0) cursor.anchor = cursor.at;
      showCursor(block);
    } else if ((event.key === "Enter" || event.key === " ") && cursor.at >= 0) {
      const [from, to] = showCursor(block);
      window.getSelection().removeAllRanges();
      toggle(block.dataset.block, from, to);
    } else {
      return;
    }
    event.preventDefault();
  });

  function turn(to) {
    on = to;
    cursor = null;
    byId("item").classList.toggle("highlighting", on);
    byId("highlighter-how").hidden = !on;
    document.querySelector("[data-aid='highlighter']").setAttribute("aria-pressed", on);
    blocks().forEach((block) => {
      block.id = block.id || `block-${block.dataset.block}`;
      const needed = { tabindex: "0", role: "group", "aria-labelledby": block.id };
      Object.entries(needed).forEach(([name, value]) => (on ? block.setAttribute(name, value) : block.removeAttribute(name)));
    });
  }

  function arrive() {
    const aids = byId("aids");
    if (!aids) return;
    marks = parsed(aids.dataset.highlights);
    drawAll();
    turn(on);
  }

  document.addEventListener("DOMContentLoaded", arrive);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "item") arrive(); });
})();
