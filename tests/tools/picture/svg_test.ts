import assert from "node:assert/strict";
import { filmSvg } from "../../../tools/picture/svg.ts";

const film = {
  command: "longshore dev",
  title: 'a "run"',
  holdMs: 1_000,
  frames: [{ atMs: 0, lines: ["one <b> & █░"] }, { atMs: 1_000, lines: ["two", "", "three"] }],
};

Deno.test({
  name: "each frame is shown from its moment to the next one's, the last to the end",
  permissions: "none",
  fn: () => {
    const svg = filmSvg(film);
    assert.match(svg, /@keyframes f0\{0%\{opacity:0\}0%\{opacity:1\}50%\{opacity:0\}\}/);
    assert.match(svg, /@keyframes f1\{0%\{opacity:0\}50%\{opacity:1\}100%\{opacity:1\}\}/);
    assert.match(svg, /animation:f1 2000ms step-end infinite/);
  },
});

Deno.test({
  name: "text is text, whatever it holds",
  permissions: "none",
  fn: () => {
    const svg = filmSvg(film);
    assert.match(svg, /one &lt;b> &amp; <tspan fill="[^"]+">█░<\/tspan>/);
    assert.match(svg, /aria-label="a &quot;run&quot;"/);
    assert.throws(() => filmSvg({ ...film, frames: [] }), /needs a frame/);
  },
});
