// Class scores: a bar is the probability; a press asks about the class, "not" compares with it.
export default {
  template: `
    <ol class="scores">
      <li v-for="(bar, i) in bars" :key="bar.name" :class="bar.role">
        <button type="button" class="name" :aria-pressed="bar.role === 'target'" @click="$emit('choose', i)"
          :aria-label="bar.name + ', score ' + bar.score + ', ' + percent(bar)">
          <span>{{ bar.name }}</span><b>{{ percent(bar) }}</b>
          <i :style="{ width: bar.probability * 100 + '%' }"></i>
        </button>
        <span class="score">{{ bar.score }}<small v-if="bar.change">{{ bar.change }}</small></span>
        <button type="button" class="not" :aria-pressed="bar.role === 'against'" :disabled="bar.role === 'target'"
          :aria-label="'Compare with ' + bar.name" @click="$emit('compare', i)">not</button>
      </li>
    </ol>`,
  data: () => ({ bars: [] }),
  emits: ["choose", "compare"],
  methods: {
    show(bars) { this.bars = bars; },
    percent(bar) { return `${(bar.probability * 100).toFixed(1)}%`; },
  },
};
