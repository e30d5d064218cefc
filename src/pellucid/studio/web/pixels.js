// A picture to look into. Cells are pixels; from a certain size on they show their numbers.
import paint from "pellucid/pixels_paint.js";
import pointer from "pellucid/pixels_pointer.js";
import { asker, fitted, frame } from "pellucid/shared.js";

const LARGEST = 120; // of a cell
const groups = new Map();

export default {
  template: `
    <figure class="pixels" :style="shape">
      <canvas ref="canvas" tabindex="0" role="application" aria-roledescription="picture"
        :aria-label="label + '. Arrow keys move, plus and minus zoom.'"
        @pointerdown="down" @pointermove="move" @pointerup="up" @pointercancel="up"
        @pointerleave="leave" @wheel="wheel" @keydown="key" @focus="draw" @blur="draw"></canvas>
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom in" @click="zoomBy(2)">+</button>
        <button type="button" aria-label="Zoom out" @click="zoomBy(0.5)">−</button>
        <button type="button" aria-label="Whole picture" @click="whole()">⤢</button>
      </div>
      <span class="sr" aria-live="polite">{{ said }}</span>
    </figure>`,
  props: {
    src: { type: String, default: "" },
    rows: { type: Number, default: 1 },
    columns: { type: Number, default: 1 },
    ring: { type: Array, default: () => [0, 0, 0, 0] },
    factor: { type: Array, default: () => [1, 0] },
    label: { type: String, default: "" },
    group: { type: String, default: "" },
    numbered: { type: Boolean, default: false },
  },
  data: () => ({ said: "" }),
  computed: {
    shape() {
      const [top, bottom, left, right] = this.ring;
      return { "--shape": (this.columns + left + right) / (this.rows + top + bottom) };
    },
  },
  created() {
    // Not reactive: these change with every move of the pointer.
    Object.assign(this, { size: 0, y: 0, x: 0, fit: true, cursor: null, marks: [], lines: new Map() });
    Object.assign(this, { fingers: new Map(), image: null, asked: "", pointed: "" });
    this.hovering = asker((cell) => this.$emit("hover", cell));
    this.draw = frame(() => this.paint());
  },
  mounted() {
    this.observer = fitted(this.$refs.canvas, (width, height, ratio) => {
      Object.assign(this, { width, height, ratio });
      if (this.fit) this.whole(false);
      this.draw();
    });
    this.themed = () => { this.inks = null; this.draw(); };
    window.addEventListener("pellucid-theme", this.themed);
    if (this.group) {
      if (!groups.has(this.group)) groups.set(this.group, new Set());
      groups.get(this.group).add(this);
    }
    this.load();
  },
  unmounted() {
    this.observer.disconnect();
    window.removeEventListener("pellucid-theme", this.themed);
    groups.get(this.group)?.delete(this);
  },
  watch: {
    src() { this.load(); },
    rows() { this.refit(); },
    columns() { this.refit(); },
    ring(now, old) { if (String(now) !== String(old)) this.refit(); },
  },
  methods: {
    // --- what the server calls
    outline(marks) { this.marks = marks; this.draw(); },
    answered() { this.hovering.answered(); },
    go(y, x) { this.cursor = [y, x]; this.draw(); },
    tell(src, top, left, lines) {
      if (src !== this.src) return;
      lines.forEach((row, i) => row.forEach((cell, j) => this.lines.set(`${top + i},${left + j}`, cell)));
      this.asked = "";
      this.draw();
    },
    // --- the picture
    async load() {
      if (!this.src) return;
      const image = new Image();
      const src = this.src;
      image.src = src;
      try { await image.decode(); } catch { return; }
      if (src !== this.src) return; // overtaken
      this.image = image;
      this.lines.clear();
      this.asked = "";
      const ground = document.createElement("canvas");
      [ground.width, ground.height] = [image.naturalWidth, image.naturalHeight];
      const pen = ground.getContext("2d", { willReadFrequently: true });
      pen.drawImage(image, 0, 0);
      this.pen = pen;
      this.draw();
    },
    refit() { this.fit = true; this.$nextTick(() => this.whole(false)); },
    bounds() {
      const [top, bottom, left, right] = this.ring;
      return { top: -top, left: -left, high: this.rows + top + bottom, wide: this.columns + left + right };
    },
    least() {
      const { high, wide } = this.bounds();
      return Math.min(this.width / wide, this.height / high);
    },
    whole(tell = true) {
      if (!this.width) return;
      const { top, left, high, wide } = this.bounds();
      this.fit = true;
      this.size = this.least();
      this.y = top - (this.height / this.size - high) / 2;
      this.x = left - (this.width / this.size - wide) / 2;
      this.draw();
      if (tell) this.share();
    },
    place(size, y, x) {
      const { top, left, high, wide } = this.bounds();
      const least = this.least();
      this.size = Math.min(Math.max(size, least), Math.max(LARGEST, least));
      this.fit = this.size <= least * 1.001;
      const within = (value, start, cells, seen) =>
        seen >= cells ? start - (seen - cells) / 2 : Math.min(Math.max(value, start), start + cells - seen);
      this.y = within(y, top, high, this.height / this.size);
      this.x = within(x, left, wide, this.width / this.size);
      this.draw();
    },
    zoomAt(factor, py, px) {
      const size = Math.min(Math.max(this.size * factor, this.least()), Math.max(LARGEST, this.least()));
      const y = this.y + py / this.size, x = this.x + px / this.size;
      this.place(size, y - py / size, x - px / size);
      this.share();
    },
    zoomBy(factor) {
      const [y, x] = this.cursor ?? [];
      const seen = y !== undefined && this.sees(y, x);
      const [py, px] = seen
        ? [(y + 0.5 - this.y) * this.size, (x + 0.5 - this.x) * this.size]
        : [this.height / 2, this.width / 2];
      this.zoomAt(factor, py, px);
    },
    sees(y, x) {
      return y >= this.y && x >= this.x && y < this.y + this.height / this.size && x < this.x + this.width / this.size;
    },
    // The others of the group look at the same place, as large.
    share() {
      const [a, b] = this.factor;
      const middle = [this.y + this.height / this.size / 2, this.x + this.width / this.size / 2];
      for (const other of groups.get(this.group) ?? []) {
        if (other === this || !other.width) continue;
        if (this.fit) { other.whole(false); continue; }
        const [c, d] = other.factor;
        const size = (this.size / a) * c;
        const [y, x] = middle.map((value) => ((value - 0.5) * a + b - d) / c + 0.5);
        other.place(size, y - other.height / size / 2, x - other.width / size / 2);
      }
    },
    ...pointer,
    ...paint,
  },
};
