// The camera: pictures go to the studio's own server, one after the other, while it is on.
import { asker } from "pellucid/shared.js";

export default {
  template: `
    <figure class="pad">
      <video v-show="on" ref="video" autoplay muted playsinline aria-label="What the camera sees"></video>
      <div class="tools">
        <button type="button" :aria-pressed="on" @click="on ? stop() : start()">{{ on ? "Stop the camera" : "Use the camera" }}</button>
        <button v-if="on" type="button" :aria-pressed="held" @click="held = !held">{{ held ? "Go on" : "Hold this picture" }}</button>
      </div>
    </figure>`,
  data: () => ({ on: false, held: false }),
  emits: ["picture", "problem"],
  mounted() {
    this.canvas = document.createElement("canvas");
    this.sending = asker(() => this.$emit("picture", this.take()));
  },
  unmounted() { this.stop(); },
  methods: {
    answered() { this.sending.answered(); },
    async start() {
      try {
        this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
      } catch (error) {
        this.$emit("problem", `The camera cannot be used: ${error.message ?? "this browser allows none here"}.`);
        return;
      }
      this.on = true;
      this.held = false;
      this.$refs.video.srcObject = this.stream;
      this.timer = setInterval(() => { if (!this.held && this.$refs.video.videoWidth) this.sending.ask(true); }, 400);
    },
    stop() {
      clearInterval(this.timer);
      for (const track of this.stream?.getTracks() ?? []) track.stop();
      this.on = false;
    },
    take() {
      const video = this.$refs.video;
      const scale = 320 / Math.max(video.videoWidth, video.videoHeight);
      this.canvas.width = Math.round(video.videoWidth * scale);
      this.canvas.height = Math.round(video.videoHeight * scale);
      this.canvas.getContext("2d").drawImage(video, 0, 0, this.canvas.width, this.canvas.height);
      return this.canvas.toDataURL("image/jpeg", 0.9);
    },
  },
};
