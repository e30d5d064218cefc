// A confusion matrix; a cell's colour is its share of the row. Arrow keys move, Enter opens.
export default {
  template: `
    <div class="matrix" tabindex="-1" :style="{ '--count': names.length }" @keydown="key">
      <table>
        <caption>Rows: what it is. Columns: what the network says. Colour: share of the row.</caption>
        <thead><tr><td></td><th v-for="name in names" :key="name" scope="col"><span>{{ name }}</span></th></tr></thead>
        <tbody>
          <tr v-for="(row, i) in counts" :key="i">
            <th scope="row">{{ names[i] }}</th>
            <td v-for="(count, j) in row" :key="j">
              <button v-if="count" type="button" :data-cell="i + ',' + j" :aria-pressed="open[0] === i && open[1] === j"
                :class="i === j ? 'right' : 'wrong'" :style="{ '--share': share(row, count) }"
                :tabindex="i === focus[0] && j === focus[1] ? 0 : -1" @click="$emit('choose', { truth: i, answer: j })"
                :aria-label="names[i] + ' taken for ' + names[j] + ': ' + count">{{ count }}</button>
            </td>
          </tr>
        </tbody>
      </table>
    </div>`,
  props: { names: { type: Array, default: () => [] }, counts: { type: Array, default: () => [] } },
  data() {
    const first = this.counts.findIndex((row) => row.some(Boolean));
    return { open: [-1, -1], focus: [first, Math.max(0, this.counts[first]?.findIndex(Boolean) ?? 0)] };
  },
  emits: ["choose"],
  methods: {
    mark(truth, answer) {
      this.open = [truth, answer];
      if (truth >= 0) this.focus = [truth, answer];
    },
    share(row, count) { return (count / Math.max(1, row.reduce((a, b) => a + b, 0))).toFixed(3); },
    key(event) {
      const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      const at = document.activeElement?.dataset?.cell;
      if (!moves[event.key] || !at) return;
      event.preventDefault();
      const [dy, dx] = moves[event.key];
      let [i, j] = at.split(",").map(Number);
      // Empty cells are passed over.
      for (i += dy, j += dx; this.counts[i]?.[j] !== undefined; i += dy, j += dx) {
        if (!this.counts[i][j]) continue;
        this.focus = [i, j];
        this.$el.querySelector(`[data-cell="${i},${j}"]`).focus();
        return;
      }
    },
  },
};
