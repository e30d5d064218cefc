// A grid of numbers to type into: arrow keys move, Enter or leaving a cell takes it.
export default {
  template: `
    <div class="weights" role="group" :aria-label="label">
      <p v-if="sizes" class="sizes">
        <label v-for="(name, axis) in ['rows', 'columns']" :key="name">{{ name }}
          <select :value="size[axis]" @change="resize(axis, +$event.target.value)">
            <option v-if="!size[axis]" :value="size[axis]">more</option>
            <option v-for="n in most" :key="n" :value="n">{{ n }}</option>
          </select>
        </label>
      </p>
      <div class="cells" :style="{ '--columns': size[1] }">
        <template v-for="(row, y) in mine" :key="y">
          <div v-for="(cell, x) in row" :key="x">
            <input :value="cell" inputmode="text" autocomplete="off" spellcheck="false"
              :class="{ negative: cell.startsWith('-'), positive: !cell.startsWith('-') && cell !== '0' }"
              :aria-label="label + ', row ' + (y + 1) + ', column ' + (x + 1)" :data-cell="y + ',' + x"
              @focus="$event.target.select()" @change="type(y, x, $event.target.value)" @keydown="key($event, y, x)" />
            <input v-if="slides" type="range" min="-2" max="2" step="0.05" :value="cell"
              :aria-label="label + ', row ' + (y + 1) + ', column ' + (x + 1) + ', slider'"
              @input="type(y, x, $event.target.value)" />
          </div>
        </template>
      </div>
    </div>`,
  props: {
    label: { type: String, default: "" },
    cells: { type: Array, default: () => [] },
    sizes: { type: Boolean, default: false },
    slides: { type: Boolean, default: false },
    most: { type: Number, default: 7 },
  },
  // What is typed stands here at once; the server's answer replaces it.
  data() { return { mine: this.cells }; },
  watch: { cells(now) { this.mine = now; } },
  computed: {
    size() {
      return [this.mine.length, this.mine[0]?.length ?? 0];
    },
  },
  methods: {
    send(cells) {
      this.mine = cells;
      this.$emit("weights", cells.map((row) => row.join(" ")).join("; "));
    },
    type(y, x, text) {
      const cells = this.mine.map((row) => [...row]);
      cells[y][x] = text.trim() || "0";
      this.send(cells);
    },
    // The middle stays where it is: cells are added or taken at both ends in turn.
    resize(axis, count) {
      let cells = this.mine.length ? this.mine.map((row) => [...row]) : [["1"]];
      const turn = (rows) => rows[0].map((_, x) => rows.map((row) => row[x]));
      if (axis) cells = turn(cells);
      const zeros = () => cells[0].map(() => "0");
      while (cells.length < count) cells.length % 2 ? cells.push(zeros()) : cells.unshift(zeros());
      while (cells.length > count) cells.length % 2 ? cells.shift() : cells.pop();
      if (axis) cells = turn(cells);
      this.send(cells);
    },
    key(event, y, x) {
      const { value, selectionStart: at, selectionEnd: end } = event.target;
      const whole = at === 0 && end === value.length;
      const moves = {
        ArrowUp: [-1, 0], ArrowDown: [1, 0],
        ArrowLeft: whole || end === 0 ? [0, -1] : null,
        ArrowRight: whole || at === value.length ? [0, 1] : null,
      };
      const move = moves[event.key];
      if (!move) return;
      const next = this.$el.querySelector(`[data-cell="${y + move[0]},${x + move[1]}"]`);
      if (next) {
        event.preventDefault();
        next.focus();
      }
    },
  },
};
