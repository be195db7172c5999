/**
 * What a listener tells the controller besides its orders, as the text of `spec.listenerReport` and back: words with a
 * detail each, `no-scale-set:7;phantom-jobs:15`. Pure. Knows the words, not what anybody does about them.
 */

export interface ListenerReport {
  /** GitHub knows no scale set of this id. */
  readonly noScaleSet?: number | undefined;
  /** The queue has not been heard for a while. `reason` is CamelCase, `message` for a person. */
  readonly noSession?: { readonly reason: string; readonly message: string } | undefined;
  /** So many jobs that GitHub counts as assigned are given to no runner, though runners are idle. */
  readonly phantomJobs?: number | undefined;
}

const MAX_MESSAGE = 256;

/** `undefined`: there is nothing to tell. */
export function listenerReportText(report: ListenerReport): string | undefined {
  const { noScaleSet, noSession, phantomJobs = 0 } = report;
  const words = [
    ...(noScaleSet === undefined ? [] : [`no-scale-set:${noScaleSet}`]),
    ...(noSession === undefined
      ? []
      : [`no-session:${noSession.reason} ${plain(noSession.message)}`]),
    ...(phantomJobs > 0 ? [`phantom-jobs:${phantomJobs}`] : []),
  ];
  return words.length === 0 ? undefined : words.join(";");
}

/** Total: words that are unknown, or that make no sense, say nothing. */
export function parseListenerReport(text: string | undefined): ListenerReport {
  const details = new Map(
    (text ?? "").split(";").map((word) => {
      const at = word.indexOf(":");
      return [word.slice(0, Math.max(at, 0)), word.slice(at + 1)] as const;
    }),
  );
  const session = /^([A-Z][A-Za-z]*) (.*)$/.exec(details.get("no-session") ?? "");
  return {
    noScaleSet: count(details.get("no-scale-set")),
    noSession: session === null
      ? undefined
      : { reason: session[1] ?? "", message: session[2] ?? "" },
    phantomJobs: count(details.get("phantom-jobs")),
  };
}

/** On one line, short, and without what ends a word. */
function plain(message: string): string {
  // deno-lint-ignore no-control-regex
  return message.replace(/[\u0000-\u001f\u007f]+/g, " ").replaceAll(";", ",").slice(0, MAX_MESSAGE);
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) && Number(text) > 0
    ? Number(text)
    : undefined;
}
