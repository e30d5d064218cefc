// Small pictures to choose from; arrow keys go from one to the next.
export default {
  template: `
    <div class="tiles" :class="{ strip: row, smooth }" role="listbox" :aria-label="label" @keydown="key">
      <button v-for="(tile, i) in tiles" :key="i" type="button" class="tile" role="option"
        :aria-selected="i === current" :aria-label="tile.label || [tile.name, tile.detail].filter(Boolean).join(', ')"
        :tabindex="i === (current < 0 ? 0 : current) ? 0 : -1" @click="choose(i)">
        <img v-if="tile.src" :src="tile.src" alt="" loading="lazy" />
        <i v-else-if="sheet" :style="cut(i)"></i>
        <span v-if="tile.name">{{ tile.name }}</span>
        <small v-if="tile.detail">{{ tile.detail }}</small>
      </button>
    </div>`,
  props: {
    tiles: { type: Array, default: () => [] },
    sheet: { type: Object, default: null },
    chosen: { type: Number, default: -1 },
    label: { type: String, default: "" },
    row: { type: Boolean, default: false },
    smooth: { type: Boolean, default: false },
  },
  data() {
    return { current: this.chosen };
  },
  watch: {
    chosen(now) { this.mark(now); },
    tiles() { this.mark(this.chosen); },
  },
  mounted() { this.reveal(); },
  methods: {
    mark(place) {
      this.current = place;
      this.$nextTick(() => this.reveal());
    },
    // The chosen one is seen: its own list scrolls, the page does not.
    reveal() {
      const tile = this.$el.children[this.current];
      if (!tile) return;
      const [box, inner] = [this.$el.getBoundingClientRect(), tile.getBoundingClientRect()];
      if (inner.left < box.left || inner.right > box.right) this.$el.scrollLeft += inner.left - box.left - box.width / 3;
      if (inner.top < box.top || inner.bottom > box.bottom) this.$el.scrollTop += inner.top - box.top - box.height / 3;
    },
    choose(place) {
      this.current = place;
      this.$emit("choose", place);
    },
    cut(place) {
      const { src, columns, rows, shape } = this.sheet;
      const part = (at, count) => (count > 1 ? (at / (count - 1)) * 100 : 0);
      return {
        aspectRatio: `${shape[1]} / ${shape[0]}`,
        backgroundImage: `url(${src})`,
        backgroundSize: `${columns * 100}% ${rows * 100}%`,
        backgroundPosition: `${part(place % columns, columns)}% ${part(Math.floor(place / columns), rows)}%`,
      };
    },
    key(event) {
      const buttons = [...this.$el.children];
      const at = buttons.indexOf(document.activeElement);
      if (at < 0) return;
      const top = buttons[0].offsetTop;
      const wide = Math.max(1, buttons.findIndex((each) => each.offsetTop > top));
      const across = buttons.at(-1).offsetTop > top ? wide : buttons.length;
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across, Home: -at, End: buttons.length - 1 - at };
      if (!(event.key in steps)) return;
      event.preventDefault();
      const next = buttons[at + steps[event.key]];
      if (!next) return;
      for (const each of buttons) each.tabIndex = each === next ? 0 : -1;
      next.focus();
    },
  },
};
