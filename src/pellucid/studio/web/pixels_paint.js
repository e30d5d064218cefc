// How a picture is drawn: its ring of padding, grid, numbers and marks (methods of pixels.js).
import { palette } from "pellucid/shared.js";

// Sizes of a cell from which on it has an edge and a number, and of the smallest letters.
const GRID = 11, NUMBERS = 20, SMALLEST = 8;

export default {
  paint() {
    const canvas = this.$refs.canvas;
    if (!canvas || !this.width) return;
    canvas.style.touchAction = this.fit ? "pan-y" : "none"; // a finger scrolls the page, or moves the picture
    this.inks ??= palette(canvas.parentElement, ["panel", "line", "accent", "ink", "positive", "ground"]);
    const pen = canvas.getContext("2d");
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    if (!this.image) return;
    const { top, left, high, wide } = this.bounds();
    const at = (y, x) => [(x - this.x) * this.size, (y - this.y) * this.size];
    pen.imageSmoothingEnabled = this.size < 1;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.image, ...at(top, left), wide * this.size, high * this.size);
    this.paintRing(pen, at);
    if (this.size >= GRID) this.paintGrid(pen, at);
    if (this.size >= NUMBERS && this.numbered) this.paintNumbers(pen, at);
    for (const mark of this.marks) this.paintMark(pen, at, mark);
    if (this.cursor) this.box(pen, at, [...this.cursor, 1, 1], this.inks.accent, Math.max(2, Math.min(3, this.size / 6)));
  },
  paintRing(pen, at) {
    const [up, down, left, right] = this.ring;
    if (!(up || down || left || right)) return;
    const { top, left: start, high, wide } = this.bounds();
    pen.save();
    pen.beginPath();
    pen.rect(...at(top, start), wide * this.size, high * this.size);
    pen.rect(...at(0, 0), this.columns * this.size, this.rows * this.size);
    pen.fillStyle = this.inks.ground;
    pen.globalAlpha = 0.55;
    pen.fill("evenodd");
    pen.restore();
    this.box(pen, at, [0, 0, this.rows, this.columns], this.inks.ink, 1.5);
  },
  visible() {
    const { top, left, high, wide } = this.bounds();
    return {
      top: Math.max(top, Math.floor(this.y)), left: Math.max(left, Math.floor(this.x)),
      bottom: Math.min(top + high, Math.ceil(this.y + this.height / this.size)),
      right: Math.min(left + wide, Math.ceil(this.x + this.width / this.size)),
    };
  },
  paintGrid(pen, at) {
    const { top, left, bottom, right } = this.visible();
    pen.beginPath();
    for (let y = top; y <= bottom; y++) { pen.moveTo(...at(y, left)); pen.lineTo(...at(y, right)); }
    for (let x = left; x <= right; x++) { pen.moveTo(...at(top, x)); pen.lineTo(...at(bottom, x)); }
    pen.strokeStyle = this.inks.ground;
    pen.globalAlpha = 0.5;
    pen.lineWidth = 1;
    pen.stroke();
    pen.globalAlpha = 1;
  },
  paintNumbers(pen, at) {
    const seen = this.visible();
    const [top, left] = [Math.max(0, seen.top), Math.max(0, seen.left)];
    const [bottom, right] = [Math.min(this.rows, seen.bottom), Math.min(this.columns, seen.right)];
    const told = [];
    let missing = false;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const lines = this.lines.get(`${y},${x}`);
        if (lines) told.push([y, x, lines]);
        else missing = true;
      }
    }
    this.paintTold(pen, at, told);
    const wanted = [this.src, top, left, bottom, right].join();
    if (missing && this.asked !== wanted) {
      this.asked = wanted;
      this.$emit("numbers", { src: this.src, top, left, bottom, right });
    }
  },
  // All in one size, so that no number seems to matter more than another.
  paintTold(pen, at, told) {
    const most = (count) => Math.max(1, ...told.map(([, , lines]) => count(lines)));
    const wide = most((lines) => Math.max(...lines.map((line) => line.length)));
    const high = most((lines) => lines.length);
    const font = Math.min(22, (this.size * 0.86) / high / 1.1, (this.size * 0.9) / wide / 0.6);
    if (font < SMALLEST) return;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = `${font}px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace`;
    for (const [y, x, lines] of told) {
      const [r, g, b] = this.pen.getImageData(x + this.ring[2], y + this.ring[0], 1, 1).data;
      pen.fillStyle = 0.299 * r + 0.587 * g + 0.114 * b > 130 ? "#000" : "#fff";
      const [px, py] = at(y + 0.5, x + 0.5);
      lines.forEach((line, i) => pen.fillText(line, px, py + (i - (lines.length - 1) / 2) * font * 1.1));
    }
  },
  paintMark(pen, at, mark) {
    const ink = { window: this.inks.accent, uses: this.inks.positive, spot: this.inks.ink }[mark.look];
    pen.fillStyle = ink;
    pen.globalAlpha = 0.3;
    for (const [y, x] of mark.cells) {
      const [px, py] = at(y, x);
      const side = Math.max(this.size, 2);
      pen.fillRect(px, py, side, side);
    }
    pen.globalAlpha = 1;
    if (mark.frame) this.box(pen, at, mark.frame, ink, Math.max(2, Math.min(4, this.size / 5)));
  },
  box(pen, at, [y, x, height, width], ink, thick) {
    pen.strokeStyle = this.inks.ground;
    pen.lineWidth = thick + 2;
    const rectangle = [...at(y, x), Math.max(width * this.size, 3), Math.max(height * this.size, 3)];
    pen.strokeRect(...rectangle);
    pen.strokeStyle = ink;
    pen.lineWidth = thick;
    pen.strokeRect(...rectangle);
  },
};
