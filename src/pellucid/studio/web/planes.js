// The planes of a colour model: a picture, what its shades mean, how often each value occurs.
export default {
  template: `
    <div class="planes">
      <button v-for="card in cards" :key="card.name" type="button" class="plane"
        :aria-pressed="card.name === chosen" @click="$emit('choose', card.name === chosen ? '' : card.name)">
        <img :src="card.src" alt="" />
        <strong>{{ card.name }}</strong>
        <span class="soft">{{ card.key }}</span>
        <svg viewBox="0 0 256 64" preserveAspectRatio="none" role="img" :aria-label="'Histogram of ' + card.name">
          <path :d="bars(card.counts)" />
        </svg>
        <span class="ends"><span>{{ card.low }}</span><span>{{ card.high }}</span></span>
        <span class="soft">{{ card.summary }}</span>
      </button>
    </div>`,
  props: { cards: { type: Array, default: () => [] }, chosen: { type: String, default: "" } },
  methods: {
    bars(counts) {
      const most = Math.max(...counts, 1), wide = 256 / counts.length;
      return counts
        .map((count, i) => `M${i * wide} 64v${-((count / most) * 64).toFixed(2)}h${wide}V64z`)
        .join("");
    },
  },
};
