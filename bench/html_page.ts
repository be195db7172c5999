/** A run of the bench as one HTML page with plots, which needs no network and no script. Pure. */
import { MILESTONES } from "./course.ts";
import type { RunFigures, ScenarioFigures } from "./figures.ts";
import { countLine, escaped, type Plot, shareLine, svgPlot } from "./plot.ts";
import { noiseSentence, resultsPage } from "./table.ts";

const STYLE =
  `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1180px;padding:0 1rem}
.plots{display:flex;flex-wrap:wrap;gap:1rem}svg{width:560px;max-width:100%;border:1px solid #ddd}
text{font-size:11px;fill:#333}.title{font-size:13px;font-weight:600}.end{text-anchor:end}
.mid{text-anchor:middle}.grid{stroke:#e5e5e5;fill:none}pre{overflow-x:auto;font-size:12px}`;

export function htmlPage(run: RunFigures): string {
  const sections = run.scenarios.map((one) => {
    const plots = plotsOf(one).map(svgPlot).filter((svg) => svg !== "");
    return `<h2>${escaped(one.name)}</h2><p>${escaped(one.what)}</p>` +
      `<div class="plots">${plots.join("")}</div>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title>` +
    `<style>${STYLE}</style></head><body><h1>Bench</h1><p>${escaped(noiseSentence(run))}</p>` +
    `<div class="plots">${svgPlot(limitPlot(run))}</div>${sections.join("")}` +
    `<h2>Tables</h2><pre>${escaped(resultsPage(run))}</pre></body></html>\n`;
}

function limitPlot({ limits }: RunFigures): Plot {
  const points = limits.map(({ parallel, livesPerS }) => ({ x: parallel, y: livesPerS }));
  return {
    title: "The limit: bare calls",
    x: "lives at a time",
    y: "lives/s",
    lines: [{ label: "lives/s", points }],
  };
}

function plotsOf(one: ScenarioFigures): readonly Plot[] {
  const { course, samples } = one;
  return [
    {
      title: "Runners over time",
      x: "s",
      y: "runners",
      lines: [
        ...MILESTONES.map((milestone) => countLine(milestone, course[milestone])),
      ],
    },
    {
      title: "Latencies",
      x: "s",
      y: "% of jobs",
      lines: [
        shareLine("queued → pod", samples.queuedToPod),
        shareLine("queued → started", samples.queuedToStarted),
        shareLine("exit → slot free", samples.exitToFree),
      ],
    },
    {
      title: "Resident memory",
      x: "s",
      y: "MiB",
      lines: one.processes.filter(({ role }) => role === "controller" || role === "listeners")
        .map(({ role, memorySamples }) => ({
          label: role,
          points: memorySamples.map(({ atMs, value }) => ({ x: atMs / 1_000, y: value })),
        })),
    },
  ];
}
