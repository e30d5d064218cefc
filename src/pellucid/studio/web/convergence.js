// The weights of a kernel on their way, beside the curve of the error.
export default {
  template: `
    <section v-if="told" class="convergence">
      <div class="kernels">
        <figure><figcaption>after {{ told.kept[at].toLocaleString("en") }} steps</figcaption>
          <div class="grid learned" :style="wide"><b v-for="(cell, i) in told.history[at]" :key="i" :style="shade(cell)">{{ cell[0] }}</b></div>
        </figure>
        <figure><figcaption>{{ told.target ? "what made the picture" : "least squares" }}</figcaption>
          <div class="grid" :style="wide"><b v-for="(cell, i) in told.target ?? told.optimum" :key="i" :style="shade(cell)">{{ cell[0] }}</b></div>
        </figure>
      </div>
      <figure class="curve">
        <svg viewBox="-4 -6 408 172" role="img" :aria-label="'Mean squared error ' + told.errors[at] + ' after ' + told.kept[at] + ' steps'">
          <path class="axis" d="M0 0V160H400" />
          <path class="loss" :d="line" />
          <circle :cx="point[0]" :cy="point[1]" r="5" />
        </svg>
        <figcaption>mean squared error {{ told.errors[at] }} (both axes logarithmic)</figcaption>
      </figure>
      <label class="steps">Step
        <input type="range" min="0" :max="told.kept.length - 1" v-model.number="at" @input="stop"
          :aria-valuetext="told.kept[at] + ' steps'" />
      </label>
    </section>`,
  data: () => ({ told: null, at: 0 }),
  computed: {
    wide() {
      return { "--columns": this.told.columns };
    },
    ends() {
      const errors = this.told.curve.map(([, error]) => Math.log(error));
      const last = this.told.curve.at(-1)[0];
      return { low: Math.min(...errors), high: Math.max(...errors), last: Math.log1p(last) || 1 };
    },
    line() {
      return this.told.curve.map((pair, i) => `${i ? "L" : "M"}${this.place(pair).map((n) => n.toFixed(1)).join(" ")}`).join("");
    },
    point() {
      const step = this.told.kept[this.at];
      return this.place(this.told.curve.findLast(([each]) => each <= step));
    },
  },
  unmounted() {
    this.stop();
  },
  methods: {
    play(told) {
      this.stop();
      this.told = told;
      this.at = 0;
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.at = told.kept.length - 1;
      else this.timer = setInterval(() => (this.at < told.kept.length - 1 ? this.at++ : this.stop()), 450);
    },
    stop() {
      clearInterval(this.timer);
    },
    place([step, error]) {
      const { low, high, last } = this.ends;
      return [(Math.log1p(step) / last) * 400, ((high - Math.log(error)) / (high - low || 1)) * 160];
    },
    shade([, share]) {
      const ink = share < 0 ? "--negative" : "--positive";
      return { background: `color-mix(in srgb, var(${ink}) ${Math.round(Math.abs(share) * 45)}%, var(--panel))` };
    },
  },
};
