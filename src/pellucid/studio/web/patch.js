// A picture with a patch on it that is dragged; arrow keys move it too.
import { asker, frame, palette } from "pellucid/shared.js";

export default {
  template: `
    <figure class="patch">
      <canvas ref="canvas" tabindex="0" role="application" aria-roledescription="picture with a patch"
        :aria-label="label + '. Arrow keys move the patch.'" :width="shape[1] * scale()" :height="shape[0] * scale()"
        :style="{ aspectRatio: shape[1] + ' / ' + shape[0], '--shape': shape[1] / shape[0] }"
        @pointerdown="down" @pointermove="move" @pointerup="up" @pointercancel="up" @keydown="key" @keyup="rest"></canvas>
      <span class="sr" aria-live="polite">{{ said }}</span>
    </figure>`,
  props: {
    src: { type: String, default: "" },
    cover: { type: String, default: "" },
    shape: { type: Array, default: () => [1, 1] },
    patch: { type: Array, default: () => [1, 1] },
    place: { type: Array, default: () => [-1, -1] },
    label: { type: String, default: "" },
  },
  data: () => ({ said: "" }),
  emits: ["move", "rest"],
  created() {
    Object.assign(this, { top: this.place[0], left: this.place[1], images: {}, held: null });
    this.moving = asker((place) => this.$emit("move", place));
    this.draw = frame(() => this.paint());
  },
  mounted() {
    this.themed = () => { this.inks = null; this.draw(); };
    window.addEventListener("pellucid-theme", this.themed);
    this.load();
  },
  updated() { this.draw(); }, // a canvas that is resized is empty
  unmounted() { window.removeEventListener("pellucid-theme", this.themed); },
  watch: {
    src() { this.load(); },
    cover() { this.load(); },
    place([top, left]) { Object.assign(this, { top, left }); this.draw(); },
    patch() { this.draw(); },
  },
  methods: {
    answered() { this.moving.answered(); },
    scale() { return Math.max(1, Math.ceil(480 / Math.max(...this.shape))); },
    async load() {
      for (const name of ["src", "cover"]) {
        const address = this[name];
        if (!address) continue;
        const image = new Image();
        image.src = address;
        try { await image.decode(); } catch { continue; }
        if (address === this[name]) this.images[name] = image;
      }
      this.draw();
    },
    to(top, left) {
      const within = (value, most) => Math.min(Math.max(Math.round(value), 0), Math.max(0, most));
      top = within(top, this.shape[0] - this.patch[0]);
      left = within(left, this.shape[1] - this.patch[1]);
      if (top === this.top && left === this.left) return;
      Object.assign(this, { top, left });
      this.moving.ask({ top, left });
      this.draw();
    },
    cell(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      return [((event.clientY - box.top) / box.height) * this.shape[0], ((event.clientX - box.left) / box.width) * this.shape[1]];
    },
    down(event) {
      const [y, x] = this.cell(event);
      const [height, width] = this.patch;
      const inside = this.top >= 0 && y >= this.top && x >= this.left && y < this.top + height && x < this.left + width;
      this.held = inside ? [y - this.top, x - this.left] : [height / 2, width / 2];
      this.$refs.canvas.setPointerCapture(event.pointerId);
      this.move(event);
    },
    move(event) {
      if (!this.held) return;
      const [y, x] = this.cell(event);
      this.to(y - this.held[0], x - this.held[1]);
    },
    up() {
      if (this.held) this.rest();
      this.held = null;
    },
    rest() {
      if (this.top >= 0) this.$emit("rest", { top: this.top, left: this.left });
    },
    key(event) {
      const step = Math.max(1, Math.round(Math.max(...this.shape) / (event.shiftKey ? 8 : 32)));
      const moves = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] };
      if (!moves[event.key]) return;
      event.preventDefault();
      const [dy, dx] = this.top < 0 ? [0, 0] : moves[event.key];
      this.to(Math.max(this.top, 0) + dy, Math.max(this.left, 0) + dx);
      this.said = `rows from ${this.top}, columns from ${this.left} are covered`;
    },
    paint() {
      const canvas = this.$refs.canvas;
      if (!canvas || !this.images.src) return;
      this.inks ??= palette(canvas.parentElement, ["accent", "ground"]);
      const pen = canvas.getContext("2d");
      const scale = canvas.width / this.shape[1];
      pen.imageSmoothingEnabled = false;
      pen.drawImage(this.images.src, 0, 0, canvas.width, canvas.height);
      if (this.top < 0) return;
      const [height, width] = this.patch;
      const box = [this.left * scale, this.top * scale, width * scale, height * scale];
      if (this.images.cover) pen.drawImage(this.images.cover, this.left, this.top, width, height, ...box);
      for (const [ink, thick] of [[this.inks.ground, 6], [this.inks.accent, 3]]) {
        pen.strokeStyle = ink;
        pen.lineWidth = thick;
        pen.strokeRect(...box);
      }
    },
  },
};
