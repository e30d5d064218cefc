// How one number came about: terms by their contribution, the sum, the comparison with float64.
export default {
  template: `
    <section class="account">
      <p v-if="!told" class="soft">Point at a map: each of its numbers is explained here.</p>
      <template v-else>
        <h3>{{ told.title }}</h3>
        <p class="number"><output>{{ told.value }}</output><span>{{ told.operation }}</span></p>
        <p class="formula">{{ told.formula }}</p>
        <p v-if="told.sentence" class="sentence">{{ told.sentence }}.</p>
        <div v-if="told.terms.length" class="scroll">
        <table>
          <caption class="sr">Terms, the largest first</caption>
          <thead><tr><th scope="col">from</th><th scope="col">value</th><th scope="col" v-if="told.weighted">× weight</th>
            <th scope="col">{{ told.weighted ? "= product" : "share" }}</th></tr></thead>
          <tbody>
            <tr v-for="(term, i) in told.terms" :key="i" @pointerenter="$emit('point', i)" @pointerleave="$emit('point', -1)">
              <th scope="row"><button v-if="term.down" type="button" @click="$emit('down', i)" @focus="$emit('point', i)"
                @blur="$emit('point', -1)" :aria-label="'Step down to ' + term.from + ' at ' + term.at + ', value ' + term.value"
                >{{ term.from }}<small>{{ term.at }}</small></button>
                <span v-else>{{ term.from }}<small>{{ term.at }}</small></span></th>
              <td>{{ term.value }}</td><td v-if="told.weighted">{{ term.weight }}</td><td class="bar" :class="term.sign < 0 ? 'minus' : 'plus'">{{ told.weighted ? term.product : "" }}<i :style="{ width: term.share * 100 + '%' }"></i></td>
            </tr>
          </tbody>
          <tfoot v-if="told.rest || told.bias">
            <tr v-if="told.rest"><th scope="row">{{ told.rest.name }}</th><td></td><td v-if="told.weighted"></td><td>{{ told.rest.product }}</td></tr>
            <tr v-if="told.bias"><th scope="row">bias</th><td></td><td v-if="told.weighted"></td><td>{{ told.bias }}</td></tr>
          </tfoot>
        </table>
        </div>
        <p class="check" :class="{ bad: !told.agrees }">{{ told.check }}</p>
      </template>
    </section>`,
  data: () => ({ told: null }),
  emits: ["down", "point"],
  methods: {
    show(told) { this.told = told; },
  },
};
