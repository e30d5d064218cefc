// One output's arithmetic: window × kernel = products, Σ.
export default {
  template: `
    <section class="products" :data-total="told?.exact">
      <template v-if="told">
        <h2>{{ told.title }}</h2>
        <div v-for="block in told.blocks" :key="block.name" class="sum">
          <span v-if="block.name" class="channel">{{ block.name }}</span>
          <div class="grid window" :style="wide" role="img" :aria-label="said('window', block, 'value')">
            <b v-for="(cell, i) in block.cells" :key="i" :class="cell.role">{{ cell.value }}</b>
          </div>
          <template v-if="told.rule === 'sum'"><i>×</i>
          <div class="grid kernel" :style="wide" role="img" :aria-label="said('kernel', block, 'weight')">
            <b v-for="(cell, i) in block.cells" :key="i" :class="signs[cell.sign + 1]">{{ cell.weight }}</b>
          </div>
          <i>=</i>
          <div class="grid product" :style="wide" role="img" :aria-label="said('products', block, 'product')">
            <b v-for="(cell, i) in block.cells" :key="i" :class="cell.role">{{ cell.product }}</b>
          </div>
          <i>Σ</i></template>
          <i v-else>{{ words[told.rule] }}</i>
          <strong>{{ told.blocks.length > 1 ? block.sum : told.total }}</strong>
        </div>
        <p class="formula">{{ told.formula }}</p>
        <p v-if="told.blocks.length > 1" class="total">{{ told.blocks.map((each) => each.sum).join(" + ") }} =
          <strong>{{ told.total }}</strong></p>
      </template>
    </section>`,
  data: () => ({ told: null, signs: ["negative", "", "positive"],
    words: { max: "largest →", min: "smallest →", average: "average →", last: "last →", first: "first →", l2: "√Σ² →", sum: "Σ" } }),
  computed: {
    wide() {
      return { "--columns": this.told.columns };
    },
  },
  methods: {
    show(told) {
      this.told = told;
    },
    said(what, block, key) {
      return `${block.name} ${what}: ${block.cells.map((cell) => cell[key]).join(", ")}`;
    },
  },
};
