// Lines over time; below, the weights by which one value is made.
import { asker } from "pellucid/shared.js";

const WIDE = 1000, HIGH = 340, FOOT = 90;
const INKS = ["var(--accent)", "var(--positive)", "var(--negative)"], DASHES = ["", "9 5", "2 4"];

export default {
  template: `
    <figure class="chart">
      <ul class="key">
        <li><i style="background: var(--soft)"></i>{{ name }}</li>
        <li v-for="(line, i) in lines" :key="line.name"><i :style="{ background: inks[i] }"></i>{{ line.name }}</li>
      </ul>
      <div class="plot" tabindex="0" role="application" aria-roledescription="chart" ref="plot"
        :aria-label="name + ', ' + values.length + ' values. Arrow keys move in time.'"
        @pointermove="move" @pointerdown="move" @click="at !== null && $emit('pick', at)" @keydown="key">
        <svg :viewBox="'0 0 ' + wide + ' ' + (high + foot)" preserveAspectRatio="none" aria-hidden="true">
          <path class="series" :d="path(values)" />
          <path v-for="(line, i) in lines" :key="line.name" class="line" :d="steps(line)" :stroke="inks[i]" :stroke-dasharray="dashes[i]" />
          <g v-if="at !== null">
            <rect v-for="[time, weight] in weights" :key="time" class="weight" :x="x(time) - bar / 2" :width="bar"
              :y="high + foot - tall(weight)" :height="tall(weight)" />
            <path class="cursor" :d="'M' + x(at) + ' 0V' + (high + foot)" />
          </g>
        </svg>
        <span class="end top">{{ text(ends.high) }}</span><span class="end low">{{ text(ends.low) }}</span>
        <span v-if="at !== null" class="end foot">weights</span>
      </div>
      <span class="sr" aria-live="polite">{{ said }}</span>
    </figure>`,
  props: {
    name: { type: String, default: "" },
    values: { type: Array, default: () => [] },
    lines: { type: Array, default: () => [] },
  },
  data: () => ({ at: null, weights: [], said: "", wide: WIDE, high: HIGH, foot: FOOT, inks: INKS, dashes: DASHES }),
  created() {
    this.hovering = asker((time) => this.$emit("hover", time));
  },
  watch: {
    values() { this.at = null; },
    lines() { this.weights = []; },
  },
  computed: {
    ends() {
      const all = [this.values, ...this.lines.map((line) => line.values)].flat().filter((each) => each !== null);
      const low = Math.min(...all), high = Math.max(...all);
      return low < high ? { low, high } : { low: low - 1, high: high + 1 };
    },
    most() {
      return Math.max(...this.weights.map(([, weight]) => Math.abs(weight)), 1e-12);
    },
    bar() {
      return Math.max(1.5, (WIDE / Math.max(1, this.values.length)) * 0.7);
    },
  },
  methods: {
    answered() { this.hovering.answered(); },
    point(time, weights) {
      this.at = time;
      this.weights = weights;
    },
    x(time) { return ((time + 0.5) / Math.max(1, this.values.length)) * WIDE; },
    y(value) { return HIGH - 8 - ((value - this.ends.low) / (this.ends.high - this.ends.low)) * (HIGH - 20); },
    tall(weight) { return (Math.abs(weight) / this.most) * (FOOT - 14); },
    text(value) { return Number.isFinite(value) ? value.toPrecision(4) : ""; },
    path(values, at = (i) => i) {
      let pen = false, path = "";
      values.forEach((value, i) => {
        if (value !== null) path += `${pen ? "L" : "M"}${this.x(at(i)).toFixed(1)} ${this.y(value).toFixed(1)}`;
        pen = value !== null;
      });
      return path;
    },
    // A value for a group stands until the next one.
    steps(line) {
      if (line.at.length === this.values.length) return this.path(line.values);
      return line.values
        .map((value, i) => value === null ? "" : `M${this.x((line.at[i - 1] ?? -1) + 0.5).toFixed(1)} ${this.y(value).toFixed(1)}H${this.x(line.at[i] + 0.5).toFixed(1)}`)
        .join("");
    },
    ask(time) {
      const within = Math.min(Math.max(time, 0), this.values.length - 1);
      if (within === this.at) return;
      this.at = within;
      this.hovering.ask(within);
    },
    move(event) {
      const box = this.$refs.plot.getBoundingClientRect();
      this.ask(Math.floor(((event.clientX - box.left) / box.width) * this.values.length));
    },
    key(event) {
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 };
      if (steps[event.key]) {
        this.ask((this.at ?? -1) + steps[event.key]);
        this.said = `time ${this.at}: ${this.values[this.at] ?? "missing"}`;
      } else if (event.key === "Enter" && this.at !== null) this.$emit("pick", this.at);
      else return;
      event.preventDefault();
    },
  },
};
