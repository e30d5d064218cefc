// How the pointer, two fingers and the keyboard move about in a picture (methods of pixels.js).
export default {
  cellAt(event) {
    const box = this.$refs.canvas.getBoundingClientRect();
    const y = Math.floor(this.y + (event.clientY - box.top) / this.size);
    const x = Math.floor(this.x + (event.clientX - box.left) / this.size);
    return y >= 0 && x >= 0 && y < this.rows && x < this.columns ? { y, x } : null;
  },
  down(event) {
    this.fingers.set(event.pointerId, event);
    this.start = { y: this.y, x: this.x, at: event, moved: false };
    this.$refs.canvas.setPointerCapture(event.pointerId);
  },
  move(event) {
    if (this.fingers.size === 2 && this.fingers.has(event.pointerId)) return this.pinch(event);
    if (this.fingers.has(event.pointerId)) {
      const { at } = this.start;
      const dy = event.clientY - at.clientY, dx = event.clientX - at.clientX;
      if (Math.hypot(dy, dx) > 5) this.start.moved = true;
      if (this.start.moved && !this.fit) {
        this.place(this.size, this.start.y - dy / this.size, this.start.x - dx / this.size);
        this.share();
        return;
      }
    }
    this.point(this.cellAt(event));
  },
  pinch(event) {
    const far = () => {
      const [one, other] = [...this.fingers.values()];
      return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    };
    const before = far();
    this.fingers.set(event.pointerId, event);
    const [one, other] = [...this.fingers.values()];
    const box = this.$refs.canvas.getBoundingClientRect();
    this.start.moved = true;
    this.zoomAt(far() / before, (one.clientY + other.clientY) / 2 - box.top, (one.clientX + other.clientX) / 2 - box.left);
  },
  up(event) {
    this.fingers.delete(event.pointerId);
    const cell = this.cellAt(event);
    if (event.type === "pointerup" && !this.start?.moved && cell) {
      this.point(cell);
      this.$emit("pick", cell);
    }
  },
  leave(event) {
    if (this.fingers.has(event.pointerId) || event.pointerType !== "mouse") return;
    this.pointed = "";
    this.$emit("leave");
  },
  point(cell) {
    if (!cell || this.pointed === `${cell.y},${cell.x}`) return;
    this.cursor = [cell.y, cell.x];
    this.pointed = this.cursor.join();
    this.hovering.ask(cell);
    this.draw();
  },
  wheel(event) {
    if (!event.ctrlKey && document.activeElement !== this.$refs.canvas) return; // the page scrolls
    event.preventDefault();
    const box = this.$refs.canvas.getBoundingClientRect();
    this.zoomAt(2 ** (-event.deltaY / 240), event.clientY - box.top, event.clientX - box.left);
  },
  key(event) {
    const step = event.shiftKey ? 10 : 1;
    const moves = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] };
    if (moves[event.key]) {
      const [y, x] = this.cursor ?? [0, 0];
      const [dy, dx] = this.cursor ? moves[event.key] : [0, 0];
      this.pointed = "";
      this.point({
        y: Math.min(Math.max(y + dy, 0), this.rows - 1),
        x: Math.min(Math.max(x + dx, 0), this.columns - 1),
      });
      this.follow();
      const [row, column] = this.cursor;
      const numbers = this.lines.get(this.cursor.join());
      this.said = `row ${row}, column ${column}${numbers ? `: ${numbers.join(", ")}` : ""}`;
    } else if (event.key === "+" || event.key === "=") this.zoomBy(2);
    else if (event.key === "-") this.zoomBy(0.5);
    else if (event.key === "0") this.whole();
    else if (event.key === "Enter" && this.cursor) this.$emit("pick", { y: this.cursor[0], x: this.cursor[1] });
    else return;
    event.preventDefault();
  },
  follow() {
    const [y, x] = this.cursor;
    if (this.fit || this.sees(y, x) && this.sees(y + 0.99, x + 0.99)) return;
    this.place(this.size, y + 0.5 - this.height / this.size / 2, x + 0.5 - this.width / this.size / 2);
    this.share();
  },
};
