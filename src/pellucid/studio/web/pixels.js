// A picture to look into. Cells are pixels; from a certain size on they show their numbers.
import { asker, fitted, frame, palette } from "pellucid/shared.js";

const GRID = 11, NUMBERS = 20, SMALLEST = 8, LARGEST = 120;
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
    // --- the pointer
    cellAt(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      const y = Math.floor(this.y + (event.clientY - box.top) / this.size);
      const x = Math.floor(this.x + (event.clientX - box.left) / this.size);
      return y >= 0 && x >= 0 && y < this.rows && x < this.columns ? { y, x } : null;
    },
    down(event) {
      this.fingers.set(event.pointerId, event);
      this.start = { y: this.y, x: this.x, at: event, moved: false };
      this.$refs.canvas.setPointerCapture(event.pointerId);
    },
    move(event) {
      if (this.fingers.size === 2 && this.fingers.has(event.pointerId)) return this.pinch(event);
      if (this.fingers.has(event.pointerId)) {
        const { at } = this.start;
        const dy = event.clientY - at.clientY, dx = event.clientX - at.clientX;
        if (Math.hypot(dy, dx) > 5) this.start.moved = true;
        if (this.start.moved && !this.fit) {
          this.place(this.size, this.start.y - dy / this.size, this.start.x - dx / this.size);
          this.share();
          return;
        }
      }
      this.point(this.cellAt(event));
    },
    pinch(event) {
      const far = () => {
        const [one, other] = [...this.fingers.values()];
        return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      };
      const before = far();
      this.fingers.set(event.pointerId, event);
      const [one, other] = [...this.fingers.values()];
      const box = this.$refs.canvas.getBoundingClientRect();
      this.start.moved = true;
      this.zoomAt(far() / before, (one.clientY + other.clientY) / 2 - box.top, (one.clientX + other.clientX) / 2 - box.left);
    },
    up(event) {
      this.fingers.delete(event.pointerId);
      const cell = this.cellAt(event);
      if (event.type === "pointerup" && !this.start?.moved && cell) {
        this.point(cell);
        this.$emit("pick", cell);
      }
    },
    leave(event) {
      if (this.fingers.has(event.pointerId) || event.pointerType !== "mouse") return;
      this.pointed = "";
      this.$emit("leave");
    },
    point(cell) {
      if (!cell || this.pointed === `${cell.y},${cell.x}`) return;
      this.cursor = [cell.y, cell.x];
      this.pointed = this.cursor.join();
      this.hovering.ask(cell);
      this.draw();
    },
    wheel(event) {
      if (!event.ctrlKey && document.activeElement !== this.$refs.canvas) return; // the page scrolls
      event.preventDefault();
      const box = this.$refs.canvas.getBoundingClientRect();
      this.zoomAt(2 ** (-event.deltaY / 240), event.clientY - box.top, event.clientX - box.left);
    },
    key(event) {
      const step = event.shiftKey ? 10 : 1;
      const moves = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] };
      if (moves[event.key]) {
        const [y, x] = this.cursor ?? [0, 0];
        const [dy, dx] = this.cursor ? moves[event.key] : [0, 0];
        this.pointed = "";
        this.point({
          y: Math.min(Math.max(y + dy, 0), this.rows - 1),
          x: Math.min(Math.max(x + dx, 0), this.columns - 1),
        });
        this.follow();
        const [row, column] = this.cursor;
        const numbers = this.lines.get(this.cursor.join());
        this.said = `row ${row}, column ${column}${numbers ? `: ${numbers.join(", ")}` : ""}`;
      } else if (event.key === "+" || event.key === "=") this.zoomBy(2);
      else if (event.key === "-") this.zoomBy(0.5);
      else if (event.key === "0") this.whole();
      else if (event.key === "Enter" && this.cursor) this.$emit("pick", { y: this.cursor[0], x: this.cursor[1] });
      else return;
      event.preventDefault();
    },
    follow() {
      const [y, x] = this.cursor;
      if (this.fit || this.sees(y, x) && this.sees(y + 0.99, x + 0.99)) return;
      this.place(this.size, y + 0.5 - this.height / this.size / 2, x + 0.5 - this.width / this.size / 2);
      this.share();
    },
    // --- drawing
    paint() {
      const canvas = this.$refs.canvas;
      if (!canvas || !this.width) return;
      canvas.style.touchAction = this.fit ? "pan-y" : "none"; // a finger scrolls the page, or moves the picture
      this.inks ??= palette(canvas.parentElement, ["panel", "line", "accent", "ink", "positive", "ground"]);
      const pen = canvas.getContext("2d");
      pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      pen.clearRect(0, 0, this.width, this.height);
      if (!this.image) return;
      const { top, left, high, wide } = this.bounds();
      const at = (y, x) => [(x - this.x) * this.size, (y - this.y) * this.size];
      pen.imageSmoothingEnabled = this.size < 1;
      pen.imageSmoothingQuality = "high";
      pen.drawImage(this.image, ...at(top, left), wide * this.size, high * this.size);
      this.paintRing(pen, at);
      if (this.size >= GRID) this.paintGrid(pen, at);
      if (this.size >= NUMBERS && this.numbered) this.paintNumbers(pen, at);
      for (const mark of this.marks) this.paintMark(pen, at, mark);
      if (this.cursor) this.box(pen, at, [...this.cursor, 1, 1], this.inks.accent, Math.max(2, Math.min(3, this.size / 6)));
    },
    paintRing(pen, at) {
      const [up, down, left, right] = this.ring;
      if (!(up || down || left || right)) return;
      const { top, left: start, high, wide } = this.bounds();
      pen.save();
      pen.beginPath();
      pen.rect(...at(top, start), wide * this.size, high * this.size);
      pen.rect(...at(0, 0), this.columns * this.size, this.rows * this.size);
      pen.fillStyle = this.inks.ground;
      pen.globalAlpha = 0.55;
      pen.fill("evenodd");
      pen.restore();
      this.box(pen, at, [0, 0, this.rows, this.columns], this.inks.ink, 1.5);
    },
    visible() {
      const { top, left, high, wide } = this.bounds();
      return {
        top: Math.max(top, Math.floor(this.y)), left: Math.max(left, Math.floor(this.x)),
        bottom: Math.min(top + high, Math.ceil(this.y + this.height / this.size)),
        right: Math.min(left + wide, Math.ceil(this.x + this.width / this.size)),
      };
    },
    paintGrid(pen, at) {
      const { top, left, bottom, right } = this.visible();
      pen.beginPath();
      for (let y = top; y <= bottom; y++) { pen.moveTo(...at(y, left)); pen.lineTo(...at(y, right)); }
      for (let x = left; x <= right; x++) { pen.moveTo(...at(top, x)); pen.lineTo(...at(bottom, x)); }
      pen.strokeStyle = this.inks.ground;
      pen.globalAlpha = 0.5;
      pen.lineWidth = 1;
      pen.stroke();
      pen.globalAlpha = 1;
    },
    paintNumbers(pen, at) {
      const seen = this.visible();
      const [top, left] = [Math.max(0, seen.top), Math.max(0, seen.left)];
      const [bottom, right] = [Math.min(this.rows, seen.bottom), Math.min(this.columns, seen.right)];
      const told = [];
      let missing = false;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const lines = this.lines.get(`${y},${x}`);
          if (lines) told.push([y, x, lines]);
          else missing = true;
        }
      }
      this.paintTold(pen, at, told);
      const wanted = [this.src, top, left, bottom, right].join();
      if (missing && this.asked !== wanted) {
        this.asked = wanted;
        this.$emit("numbers", { src: this.src, top, left, bottom, right });
      }
    },
    // All in one size, so that no number seems to matter more than another.
    paintTold(pen, at, told) {
      const most = (count) => Math.max(1, ...told.map(([, , lines]) => count(lines)));
      const wide = most((lines) => Math.max(...lines.map((line) => line.length)));
      const high = most((lines) => lines.length);
      const font = Math.min(22, (this.size * 0.86) / high / 1.1, (this.size * 0.9) / wide / 0.6);
      if (font < SMALLEST) return;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.font = `${font}px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace`;
      for (const [y, x, lines] of told) {
        const [r, g, b] = this.pen.getImageData(x + this.ring[2], y + this.ring[0], 1, 1).data;
        pen.fillStyle = 0.299 * r + 0.587 * g + 0.114 * b > 130 ? "#000" : "#fff";
        const [px, py] = at(y + 0.5, x + 0.5);
        lines.forEach((line, i) => pen.fillText(line, px, py + (i - (lines.length - 1) / 2) * font * 1.1));
      }
    },
    paintMark(pen, at, mark) {
      const ink = { window: this.inks.accent, uses: this.inks.positive, spot: this.inks.ink }[mark.look];
      pen.fillStyle = ink;
      pen.globalAlpha = 0.3;
      for (const [y, x] of mark.cells) {
        const [px, py] = at(y, x);
        const side = Math.max(this.size, 2);
        pen.fillRect(px, py, side, side);
      }
      pen.globalAlpha = 1;
      if (mark.frame) this.box(pen, at, mark.frame, ink, Math.max(2, Math.min(4, this.size / 5)));
    },
    box(pen, at, [y, x, height, width], ink, thick) {
      pen.strokeStyle = this.inks.ground;
      pen.lineWidth = thick + 2;
      const rectangle = [...at(y, x), Math.max(width * this.size, 3), Math.max(height * this.size, 3)];
      pen.strokeRect(...rectangle);
      pen.strokeStyle = ink;
      pen.lineWidth = thick;
      pen.strokeRect(...rectangle);
    },
  },
};
