// Names with numbers, large enough for the back row.
export default {
  template: `
    <section class="readout" aria-live="off">
      <p v-if="!title" class="soft">{{ hint }}</p>
      <template v-else>
        <h3>{{ title }}</h3>
        <dl>
          <template v-for="line in lines" :key="line.name">
            <dt><i v-if="line.colour" :style="{ background: line.colour }"></i>{{ line.name }}</dt>
            <dd>{{ line.value }}<small v-if="line.detail">{{ line.detail }}</small></dd>
          </template>
        </dl>
      </template>
    </section>`,
  props: { hint: { type: String, default: "" } },
  data: () => ({ title: "", lines: [] }),
  methods: {
    show(title, lines) {
      this.title = title;
      this.lines = lines;
    },
  },
};
