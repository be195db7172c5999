/** Lines in a box, as SVG that needs nothing from elsewhere. Pure; knows axes and colours, not what is drawn. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly label: string;
  readonly points: readonly Point[];
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

const WIDTH = 560;
const HEIGHT = 260;
const BOX = { left: 56, right: 12, top: 28, bottom: 40 };
const COLOURS = [
  "#2563eb",
  "#d97706",
  "#059669",
  "#dc2626",
  "#7c3aed",
  "#0891b2",
  "#9d174d",
  "#57534e",
];
const TICKS = 5;
/** More points than pixels show nothing more. */
const MOST_POINTS = 600;

/** An `svg` element; empty where there is nothing to draw. */
export function svgPlot({ title, x, y, lines }: Plot): string {
  const drawn = lines.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return "";
  const all = drawn.flatMap(({ points }) => points);
  const mostX = ceiling(all.reduce((most, point) => Math.max(most, point.x), 0));
  const mostY = ceiling(all.reduce((most, point) => Math.max(most, point.y), 0));
  const toX = (value: number) => BOX.left + value / mostX * (WIDTH - BOX.left - BOX.right);
  const toY = (value: number) =>
    HEIGHT - BOX.bottom - value / mostY * (HEIGHT - BOX.top - BOX.bottom);
  const parts = [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">`,
    text({ x: BOX.left, y: 16, words: title, className: "title" }),
  ];
  for (let tick = 0; tick <= TICKS; tick++) {
    const [valueX, valueY] = [mostX * tick / TICKS, mostY * tick / TICKS];
    parts.push(
      `<path class="grid" d="M${BOX.left} ${round(toY(valueY))}H${WIDTH - BOX.right}"/>`,
      text({ x: BOX.left - 6, y: toY(valueY) + 4, words: short(valueY), className: "end" }),
      text({ x: toX(valueX), y: HEIGHT - BOX.bottom + 16, words: short(valueX), className: "mid" }),
    );
  }
  parts.push(text({ x: WIDTH - BOX.right, y: HEIGHT - 6, words: x, className: "end" }));
  parts.push(text({ x: 4, y: BOX.top - 4, words: y, className: "small" }));
  drawn.forEach(({ label, points }, at) => {
    const colour = COLOURS[at % COLOURS.length] ?? "";
    const path = thinned(points).map((point) => `${round(toX(point.x))} ${round(toY(point.y))}`);
    parts.push(`<path fill="none" stroke="${colour}" stroke-width="1.6" d="M${path.join("L")}"/>`);
    const legendX = BOX.left + 8 + at % 3 * 160;
    const legendY = BOX.top + 10 + Math.floor(at / 3) * 14;
    parts.push(
      `<rect x="${legendX}" y="${legendY - 8}" width="9" height="9" fill="${colour}"/>`,
      text({ x: legendX + 13, y: legendY, words: label, className: "small" }),
    );
  });
  return `${parts.join("")}</svg>`;
}

/** How many of the sorted `moments` (ms) have come, over seconds. */
export function countLine(label: string, moments: readonly number[]): Line {
  return { label, points: moments.map((ms, at) => ({ x: ms / 1_000, y: at + 1 })) };
}

/** Which share (%) of the sorted `samples` (ms) is no more than so many seconds. */
export function shareLine(label: string, samples: readonly number[]): Line {
  const points = samples.map((ms, at) => ({ x: ms / 1_000, y: (at + 1) / samples.length * 100 }));
  return { label, points };
}

/** Text as HTML and SVG take it. */
export function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The next number that is easy to read: 1, 2, 2.5 or 5 times a power of ten. */
function ceiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function thinned(points: readonly Point[]): readonly Point[] {
  const step = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_point, at) => at % step === 0 || at === points.length - 1);
}

function text(
  { x, y, words, className }: { x: number; y: number; words: string; className: string },
): string {
  return `<text x="${round(x)}" y="${round(y)}" class="${className}">${escaped(words)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
