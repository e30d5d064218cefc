// A drawn network with its ledger. Arrow keys go from box to box, Enter chooses one.
export default {
  template: `
    <section v-show="rows.length" class="netview" :aria-label="title">
      <div class="drawing">
        <div ref="view" class="sheet" tabindex="-1" @pointerover="over" @pointerleave="mark(-1)" @click="click" @keydown="key" @focusin="over"></div>
        <div class="zoom" role="group" aria-label="Size of the drawing">
          <button type="button" aria-label="Larger" @click="zoom(1.4)">+</button>
          <button type="button" aria-label="Smaller" @click="zoom(1 / 1.4)">−</button>
          <button type="button" aria-label="Whole width" @click="zoom(0)">⤢</button>
        </div>
      </div>
      <div ref="table" class="ledger" tabindex="0" role="region" :aria-label="'Ledger of ' + title" @pointerleave="mark(-1)">
        <table>
          <thead><tr><th scope="col">layer</th><th scope="col">output</th><th scope="col">parameters</th><th scope="col">multiply-adds</th><th scope="col">sees</th></tr></thead>
          <tbody>
            <tr v-for="(row, i) in rows" :key="i" :class="{ marked: i === marked, chosen: i === chosen }" @pointerenter="mark(i, 'table')" @click="choose(i)">
              <th scope="row"><button type="button" tabindex="-1" :aria-pressed="i === chosen">{{ row.title }}<small>{{ row.name }}</small></button></th>
              <td>{{ row.shape }}</td><td>{{ row.parameters }}</td><td>{{ row.macs }}</td><td>{{ row.field }}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </section>`,
  data: () => ({ title: "", rows: [], marked: -1, chosen: -1 }),
  emits: ["choose"],
  mounted() {
    this.wide = 1;
    this.themed = () => this.theme();
    window.addEventListener("pellucid-theme", this.themed);
  },
  unmounted() { window.removeEventListener("pellucid-theme", this.themed); },
  methods: {
    show(title, svg, rows, chosen) {
      Object.assign(this, { title, rows, chosen });
      const view = this.$refs.view;
      view.innerHTML = svg;
      this.svg = view.querySelector("svg");
      this.svg.setAttribute("role", "group"); // an image has no buttons in it
      this.boxes = [...view.querySelectorAll('g[id^="box-"]')];
      // Two drawings on a page: numbers instead of ids.
      this.boxes.forEach((box, i) => {
        box.dataset.box = i;
        box.removeAttribute("id");
        box.setAttribute("role", "button");
        box.setAttribute("tabindex", i === Math.max(chosen, 0) ? 0 : -1);
        box.setAttribute("aria-label", box.querySelector("title").textContent);
      });
      this.edges = [...view.querySelectorAll('path[id^="edge-"]')].map((edge) => {
        const [, from, to] = edge.id.split("-").map(Number);
        edge.removeAttribute("id");
        return { edge, from, to };
      });
      this.natural = this.svg.viewBox.baseVal.width;
      this.svg.removeAttribute("height");
      this.theme();
      this.$nextTick(() => { // it has its room only now
        this.zoom(0);
        this.pick(chosen);
        this.reveal(this.$refs.table, this.$refs.table.querySelectorAll("tbody tr")[chosen]);
      });
    },
    // The drawing follows the page's theme, not the system's.
    theme() {
      const rule = this.svg?.querySelector("style")?.sheet?.cssRules[0];
      if (rule?.media) rule.media.mediaText = pellucid.dark() ? "all" : "not all";
    },
    zoom(factor) {
      const room = this.$refs.view.clientWidth;
      const fit = Math.min(1.6, room / this.natural);
      this.wide = factor ? Math.min(Math.max(this.wide * factor, fit), 4) : Math.max(fit, Math.min(1, 0.42));
      this.svg.setAttribute("width", this.natural * this.wide);
    },
    number(target) {
      const box = target.closest?.("[data-box]");
      return box ? Number(box.dataset.box) : -1;
    },
    over(event) { this.mark(this.number(event.target), "drawing"); },
    mark(place, from) {
      if (place === this.marked) return;
      this.boxes?.[this.marked]?.classList.remove("marked");
      this.boxes?.[place]?.classList.add("marked");
      for (const { edge, from: a, to: b } of this.edges ?? []) {
        edge.classList.toggle("marked", place >= 0 && (a === place || b === place));
      }
      this.marked = place;
      if (place < 0) return;
      if (from === "drawing") this.reveal(this.$refs.table, this.$refs.table.querySelectorAll("tbody tr")[place]);
      if (from === "table") this.reveal(this.$refs.view, this.boxes[place]);
    },
    // Within its own box that scrolls; the page does not move.
    reveal(box, inner) {
      if (!inner) return;
      const [a, b] = [box.getBoundingClientRect(), inner.getBoundingClientRect()];
      if (b.top < a.top + 30 || b.bottom > a.bottom) box.scrollTop += (b.top + b.bottom - a.top - a.bottom) / 2;
      if (box === this.$refs.view && (b.left < a.left || b.right > a.right)) box.scrollLeft += (b.left + b.right - a.left - a.right) / 2;
    },
    click(event) {
      const place = this.number(event.target);
      if (place >= 0) this.choose(place);
    },
    choose(place) {
      this.pick(place);
      this.$emit("choose", place);
    },
    pick(place) {
      this.boxes?.[this.chosen]?.classList.remove("chosen");
      this.chosen = place;
      this.boxes?.[place]?.classList.add("chosen");
      if (place >= 0) this.reveal(this.$refs.view, this.boxes[place]);
    },
    key(event) {
      const at = this.number(document.activeElement);
      if (at < 0) return;
      if (event.key === "Enter" || event.key === " ") this.choose(at);
      else {
        const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -at, End: this.boxes.length - 1 - at };
        const next = this.boxes[at + (steps[event.key] ?? NaN)];
        if (!next) return;
        this.boxes[at].setAttribute("tabindex", -1);
        next.setAttribute("tabindex", 0);
        next.focus({ preventScroll: true });
        this.reveal(this.$refs.view, next);
      }
      event.preventDefault();
    },
  },
};
