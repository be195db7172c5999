/** A film of a terminal as one SVG that moves by itself. Pure: frames of text in, text out. */

/** What stood on the terminal from some moment on. */
export interface Frame {
  /** Since the start of the film, in ms. */
  readonly atMs: number;
  readonly lines: readonly string[];
}

export interface Film {
  readonly frames: readonly Frame[];
  /** How long the last frame stays before the film starts again, in ms. */
  readonly holdMs: number;
  /** What was typed, above all frames. */
  readonly command: string;
  /** For those who cannot see it. */
  readonly title: string;
}

const CHARACTER = { width: 8.4, height: 18 };
const MARGIN = 20;
const COLOURS = { ground: "#0d1117", text: "#e6edf3", prompt: "#7ee787", bar: "#58a6ff" };

/** Throws when there is no frame. Whoever wants no movement sees the frame in the middle. */
export function filmSvg({ frames, holdMs, command, title }: Film): string {
  const last = frames.at(-1);
  if (last === undefined) throw new Error("A film needs a frame");
  const totalMs = last.atMs + holdMs;
  const all = frames.flatMap(({ lines }) => lines);
  const columns = Math.max(command.length + 2, ...all.map((line) => line.length));
  const rows = Math.max(...frames.map(({ lines }) => lines.length)) + 2;
  const width = Math.ceil(columns * CHARACTER.width + 2 * MARGIN);
  const height = rows * CHARACTER.height + 2 * MARGIN;
  const still = Math.floor(frames.length / 2);
  const shown = frames.map((frame, at) => {
    const endMs = frames[at + 1]?.atMs ?? totalMs;
    return { frame, from: percent(frame.atMs / totalMs), to: percent(endMs / totalMs), at };
  });
  const rules = shown.map(({ from, to, at }) =>
    `@keyframes f${at}{0%{opacity:0}${from}%{opacity:1}${to}%{opacity:${to === "100" ? 1 : 0}}}` +
    `#f${at}{animation:f${at} ${totalMs}ms step-end infinite}`
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${
      escaped(title)
    }">`,
    `<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:${COLOURS.text};white-space:pre}`,
    `.f{opacity:0}`,
    ...rules,
    `@media (prefers-reduced-motion){.f{animation:none!important}#f${still}{opacity:1}}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${COLOURS.ground}"/>`,
    line(`<tspan fill="${COLOURS.prompt}">$</tspan> ${escaped(command)}`, 0),
    ...shown.map(({ frame, at }) =>
      `<g class="f" id="f${at}">${
        frame.lines.map((text, row) => line(coloured(text), row + 2)).join("")
      }</g>`
    ),
    "</svg>",
    "",
  ].join("\n");
}

function line(content: string, row: number): string {
  if (content === "") return "";
  const y = MARGIN + (row + 1) * CHARACTER.height - 5;
  return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${content}</text>`;
}

function coloured(text: string): string {
  return escaped(text).replace(/[█░]+/, (bar) => `<tspan fill="${COLOURS.bar}">${bar}</tspan>`);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function percent(share: number): string {
  return String(Math.round(share * 10_000) / 100);
}
