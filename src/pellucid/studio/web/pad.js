// A pad to draw on: white on black. Arrow keys move a pen too; the space bar puts it down.
import { asker } from "pellucid/shared.js";

const SIDE = 280;

export default {
  template: `
    <figure class="pad">
      <canvas ref="canvas" :width="${SIDE}" :height="${SIDE}" tabindex="0" role="application" aria-roledescription="drawing pad"
        aria-label="Draw here. With the keyboard: arrow keys move the pen, the space bar puts it down and lifts it."
        @pointerdown="down" @pointermove="move" @pointerup="up" @pointercancel="up" @keydown="key"></canvas>
      <div class="tools">
        <button type="button" @click="clear">Clear</button>
        <label>Pen <input type="range" min="8" max="60" v-model.number="width" /></label>
      </div>
    </figure>`,
  data: () => ({ width: 22 }),
  emits: ["picture", "problem"],
  mounted() {
    Object.assign(this, { at: null, pen: [SIDE / 2, SIDE / 2], inked: false });
    this.sending = asker(() => this.$emit("picture", this.$refs.canvas.toDataURL("image/png")));
    this.clear(null);
  },
  methods: {
    answered() { this.sending.answered(); },
    clear(event) {
      const pen = this.$refs.canvas.getContext("2d");
      pen.fillStyle = "#000";
      pen.fillRect(0, 0, SIDE, SIDE);
      if (event) this.sending.ask(true);
    },
    point(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
    },
    line(from, to) {
      const pen = this.$refs.canvas.getContext("2d");
      Object.assign(pen, { strokeStyle: "#fff", lineWidth: this.width, lineCap: "round", lineJoin: "round" });
      pen.beginPath();
      pen.moveTo(...from);
      pen.lineTo(to[0] + 0.01, to[1]);
      pen.stroke();
      this.sending.ask(true);
    },
    down(event) {
      this.$refs.canvas.setPointerCapture(event.pointerId);
      this.at = this.point(event);
      this.line(this.at, this.at);
    },
    move(event) {
      if (!this.at) return;
      const to = this.point(event);
      this.line(this.at, to);
      this.at = to;
    },
    up() { this.at = null; },
    key(event) {
      const moves = { ArrowUp: [0, -10], ArrowDown: [0, 10], ArrowLeft: [-10, 0], ArrowRight: [10, 0] };
      if (event.key === " ") this.inked = !this.inked;
      else if (!moves[event.key]) return;
      event.preventDefault();
      const [dx, dy] = moves[event.key] ?? [0, 0];
      const within = (value) => Math.min(Math.max(value, 0), SIDE);
      const to = [within(this.pen[0] + dx), within(this.pen[1] + dy)];
      if (this.inked) this.line(this.pen, to);
      this.pen = to;
    },
  },
};
