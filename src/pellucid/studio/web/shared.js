// What the drawing components share.

/** Asks one question at a time: while an answer is on its way, only the newest question waits. */
export function asker(send) {
  let busy = false, waiting = null, guard = 0;
  const next = (question) => {
    busy = true;
    clearTimeout(guard);
    guard = setTimeout(answered, 2000); // an answer that is lost does not end all questions
    send(question);
  };
  const answered = () => {
    clearTimeout(guard);
    busy = false;
    if (waiting !== null) {
      const question = waiting;
      waiting = null;
      next(question);
    }
  };
  return { ask: (question) => (busy ? (waiting = question) : next(question)), answered };
}

/** A colour of the theme, as canvas takes it. */
export function colour(element, name) {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** Resolves variables with light-dark() once per theme. */
export function palette(element, names) {
  const probe = document.createElement("i");
  element.append(probe);
  const found = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

/** Calls back with a canvas fitted to its box and to the screen's pixels, at once and on resizing. */
export function fitted(canvas, redraw) {
  const observer = new ResizeObserver(() => {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    redraw(width, height, ratio);
  });
  observer.observe(canvas);
  return observer;
}

/** At most one call a frame. */
export function frame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}
