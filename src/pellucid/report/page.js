// Niceties only: without this script the page shows the same content.
"use strict";

// A line under each figure repeats the note of what is pointed at or touched.
for (const figure of document.querySelectorAll("[data-readout]")) {
  const line = document.createElement("p");
  line.className = "readout";
  line.textContent = "Point or touch to read values.";
  figure.append(line);
  let lit = null;
  const read = (event) => {
    const spot = event.target.closest(".hit, td[title]");
    const note = spot ? spot.title || spot.querySelector("title")?.textContent : cell(event, figure);
    if (!note) return;
    lit?.classList.remove("on");
    spot?.classList.add("on");
    lit = spot;
    line.textContent = note;
  };
  figure.addEventListener("pointermove", read);
  figure.addEventListener("click", read);
}

// The note of one cell of a large confusion matrix, from its place and its path's count.
function cell(event, figure) {
  const cells = event.target.closest("g.cells");
  if (!cells) return "";
  const point = new DOMPoint(event.clientX, event.clientY);
  const { x, y } = point.matrixTransform(cells.getScreenCTM().inverse());
  const last = Number(cells.dataset.size) - 1;
  const [row, column] = [y, x].map((at) => Math.min(last, Math.max(0, Math.floor(at))));
  return `${names[row]} → ${names[column]}: ${event.target.dataset.count ?? 0}`;
}
const names = [...document.querySelectorAll("[data-class]")].map((each) => each.textContent);

// Tables sort by a click on a column's head: numbers falling first, words rising first.
for (const table of document.querySelectorAll("[data-sortable]")) {
  const body = table.tBodies[0];
  const number = (text) => (text === "–" ? -1 : parseFloat(text));
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const numeric = head.classList.contains("number");
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = numeric && column > 0 ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      table.querySelectorAll("[aria-sort]").forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const text = (row) => row.cells[column].textContent;
      const compare = (a, b) =>
        numeric ? number(text(a)) - number(text(b)) : text(a).localeCompare(text(b));
      body.append(...[...body.rows].sort((a, b) => sign * compare(a, b)));
    });
  });
}

for (const command of document.querySelectorAll(".command")) {
  if (!navigator.clipboard) continue;
  const button = document.createElement("button");
  const words = command.textContent;
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(words);
    button.textContent = "Copied";
  });
  command.append(button);
}
