/** What a runner's pod takes, and how many more of it fit under quotas and limits. Pure. */
import type { LimitRange, PodSpec, ResourceQuota } from "../../kube/types.ts";
import { quantityOf } from "../../lib/quantity.ts";

/** Amounts by the names that quotas use: `pods`, `requests.cpu`, `limits.memory`. */
export type Amounts = Readonly<Record<string, number>>;

/** What one more pod counts against a quota. Containers run together, init containers before them, one at a time. */
export function amountsOf(spec: PodSpec, ranges: readonly LimitRange[]): Amounts {
  const defaults = ranges.flatMap(({ spec }) => spec?.limits ?? [])
    .filter(({ type }) => type === "Container");
  const amounts: Record<string, number> = { pods: 1, "count/pods": 1 };
  for (const kind of ["requests", "limits"] as const) {
    const filled = kind === "requests" ? "defaultRequest" : "default";
    const wanted = (container: PodSpec["containers"][number]): Amounts => {
      const { limits = {}, requests = {} } = container.resources ?? {};
      const own = kind === "limits" ? limits : { ...limits, ...requests };
      const given = Object.assign({}, ...defaults.map((one) => one[filled] ?? {}));
      return numbers({ ...given, ...own });
    };
    const sidecars = (spec.initContainers ?? []).filter((one) => one.restartPolicy === "Always");
    const starters = (spec.initContainers ?? []).filter((one) => one.restartPolicy !== "Always");
    const together = sum([...spec.containers, ...sidecars].map(wanted));
    for (const [name, amount] of Object.entries(most([together, ...starters.map(wanted)]))) {
      amounts[`${kind}.${name}`] = amount;
      if (kind === "requests") amounts[name] = amount; // "cpu" of a quota means requests.cpu
    }
  }
  return amounts;
}

/** What cannot be read counts as nothing. */
function amountOf(quantity: unknown): number {
  return quantityOf(quantity) ?? 0;
}

function numbers(quantities: Readonly<Record<string, unknown>>): Amounts {
  return Object.fromEntries(Object.entries(quantities).map(([k, v]) => [k, amountOf(v)]));
}

function merged(
  all: readonly Amounts[],
  how: (a: number, b: number) => number,
): Amounts {
  const result: Record<string, number> = {};
  for (const amounts of all) {
    for (const [name, value] of Object.entries(amounts)) {
      result[name] = how(result[name] ?? 0, value);
    }
  }
  return result;
}

function sum(all: readonly Amounts[]): Amounts {
  return merged(all, (a, b) => a + b);
}

function most(all: readonly Amounts[]): Amounts {
  return merged(all, Math.max);
}

/** What a quota leaves for pods like this. */
export interface Room {
  readonly quota: string;
  /** What runs out first, as the quota names it, with `used` of `hard`. */
  readonly resource: string;
  readonly used: string;
  readonly hard: string;
  /** How many more fit. */
  readonly fits: number;
}

/** The tightest of the quotas; `undefined`: none limits such a pod. Quotas for some pods only are left out. */
export function tightest(quotas: readonly ResourceQuota[], amounts: Amounts): Room | undefined {
  const rooms = quotas.filter(({ spec }) => !spec?.scopes?.length && !spec?.scopeSelector)
    .flatMap(({ metadata, spec, status }) =>
      Object.entries(status?.hard ?? spec?.hard ?? {}).flatMap(([resource, hard]): Room[] => {
        const each = amounts[resource] ?? 0;
        if (each <= 0) return [];
        const used = String(status?.used?.[resource] ?? "0");
        const left = amountOf(hard) - amountOf(used);
        // A hair's breadth for decimal fractions that binary numbers do not have.
        const fits = Math.max(0, Math.floor(left / each + 1e-9));
        return [{ quota: metadata?.name ?? "", resource, used, hard: String(hard), fits }];
      })
    );
  return rooms.toSorted((a, b) => a.fits - b.fits)[0];
}

/** The first limit that such a pod can never be within, as a sentence; `undefined`: there is none. */
export function beyondLimits(spec: PodSpec, ranges: readonly LimitRange[]): string | undefined {
  const amounts = amountsOf(spec, ranges);
  for (const { metadata, spec: range } of ranges) {
    for (const { type, max = {}, min = {} } of range?.limits ?? []) {
      const subjects = type === "Pod"
        ? [{ who: "the pod", amounts }]
        : type === "Container"
        ? spec.containers.map((one) => ({
          who: `container "${one.name}"`,
          amounts: amountsOf({ containers: [one] }, ranges),
        }))
        : [];
      for (const subject of subjects) {
        for (const [name, most] of Object.entries(max)) {
          const wants = Math.max(
            subject.amounts[`limits.${name}`] ?? 0,
            subject.amounts[`requests.${name}`] ?? 0,
          );
          if (wants > amountOf(most)) {
            return `${subject.who} wants ${wants} ${name}, more than ${most} that LimitRange ` +
              `"${metadata?.name}" allows`;
          }
        }
        for (const [name, least] of Object.entries(min)) {
          const wants = subject.amounts[`requests.${name}`];
          if (wants !== undefined && wants < amountOf(least)) {
            return `${subject.who} wants ${wants} ${name}, less than ${least} that LimitRange ` +
              `"${metadata?.name}" asks for`;
          }
        }
      }
    }
  }
  return undefined;
}
