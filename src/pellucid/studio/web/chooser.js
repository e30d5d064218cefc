// The choice of a picture: from the list, from a file, dropped anywhere, or pasted.
export default {
  template: `
    <div class="chooser">
      <label>Picture
        <select :value="chosen" @change="choose($event.target.value)">
          <option v-for="each in pictures" :key="each.name" :value="each.name">{{ each.title }}</option>
        </select>
      </label>
      <label class="file">
        <input ref="file" type="file" accept="image/*" @change="send($event.target.files[0])" />
        <span>Your own…</span>
      </label>
      <span class="hint">or drop or paste one anywhere</span>
      <p class="problem" role="alert">{{ problem }}</p>
      <div v-if="over" class="dropping" aria-hidden="true">Drop the picture</div>
    </div>`,
  props: { pictures: { type: Array, default: () => [] }, chosen: { type: String, default: "" } },
  data: () => ({ problem: "", over: false }),
  mounted() {
    this.listen = new AbortController();
    const { signal } = this.listen;
    let depth = 0;
    const files = (event) => event.dataTransfer?.types.includes("Files");
    window.addEventListener("dragenter", (event) => files(event) && (this.over = ++depth > 0), { signal });
    window.addEventListener("dragleave", (event) => files(event) && (this.over = --depth > 0), { signal });
    window.addEventListener("dragover", (event) => files(event) && event.preventDefault(), { signal });
    window.addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      depth = 0;
      this.over = false;
      this.send(event.dataTransfer.files[0]);
    }, { signal });
    window.addEventListener("paste", (event) => {
      const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
      if (file) this.send(file);
    }, { signal });
  },
  unmounted() {
    this.listen.abort();
  },
  methods: {
    choose(name) {
      this.problem = "";
      this.$emit("choose", name);
    },
    async send(file) {
      if (!file) return;
      this.problem = "";
      const form = new FormData();
      form.append("file", file, file.name || "pasted");
      try {
        const response = await fetch("/pictures", { method: "POST", body: form });
        const answer = await response.json();
        if (response.ok) this.choose(answer.picture);
        else this.problem = answer.detail;
      } catch {
        this.problem = "The studio does not answer: is it still running?";
      }
      this.$refs.file.value = "";
    },
  },
};
