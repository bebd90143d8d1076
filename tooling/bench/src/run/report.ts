import type { Aim, Sample } from "./bench.ts";
import type { Setting } from "./machine.ts";
import { median, medianOf, spread } from "./statistics.ts";
import type { CaseResult } from "./turns.ts";

/** All that one run of the benches measured. */
export interface Results {
  readonly setting: Setting;
  readonly versions: Readonly<Record<string, string>>;
  readonly isQuick: boolean;
  readonly benches: readonly { readonly name: string; readonly work: string; readonly cases: readonly CaseResult[] }[];
}

/** A figure of a sample: wall time, CPU time, memory, or a count. */
function figureOf(sample: Sample, figure: string): number {
  if (figure === "ms" || figure === "cpuMs" || figure === "peakMiB") return sample[figure];
  return sample.counts?.[figure] ?? Number.NaN;
}

/** The value that an aim speaks of: the median of the ratios of each round, or the median of the figure itself. */
function reached({ ways }: CaseResult, { way, figure, against }: Aim): number {
  const own = ways.find(({ name }) => name === way)?.samples ?? [];
  if (against === undefined) return medianOf(own, (sample) => figureOf(sample, figure));
  const other = ways.find(({ name }) => name === against)?.samples ?? [];
  const ratios = own.flatMap((sample, round) => {
    const peer = other[round];
    return peer === undefined ? [] : [figureOf(sample, figure) / figureOf(peer, figure)];
  });
  return median(ratios);
}

/** The results as a page of Markdown. */
export function toMarkdown({ setting, versions, isQuick, benches }: Results): string {
  const lines = [
    `# Measured on ${setting.date} at ${setting.commit}`,
    "",
    `${setting.processor}, ${setting.cores} cores, ${setting.memoryGiB} GiB, ${setting.system}; load before: ${setting.loadBefore}.`,
    `${Object.values(versions).join(" · ")}.`,
    "Medians; *spread* is half the distance of the quartiles; *ratio* is the median of the ratios of wall time, round by round.",
  ];
  if (isQuick) lines.push("", "**A quick run: one round of small work. Its figures prove nothing.**");
  for (const { name, work, cases } of benches) {
    lines.push("", `## ${name}`, "", work);
    for (const each of cases) lines.push("", `### ${each.name}`, "", ...table(each), ...aims(each), ...absent(each));
  }
  return `${lines.join("\n")}\n`;
}

function table(result: CaseResult): string[] {
  const counts = [...new Set(result.ways.flatMap(({ samples }) => Object.keys(samples[0]?.counts ?? {})))];
  const head = ["way", "rounds", "s", "spread", "CPU s", "peak MiB", `ratio to ${result.base}`, ...counts];
  const rows = result.ways.map(({ name, samples }) => [
    name,
    String(samples.length),
    (medianOf(samples, ({ ms }) => ms) / 1_000).toFixed(3),
    percent(spread(samples.map(({ ms }) => ms))),
    (medianOf(samples, ({ cpuMs }) => cpuMs) / 1_000).toFixed(2),
    medianOf(samples, ({ peakMiB }) => peakMiB).toFixed(0),
    short(reached(result, { way: name, figure: "ms", against: result.base })),
    ...counts.map((count) => short(medianOf(samples, (sample) => figureOf(sample, count)))),
  ]);
  return [head, head.map((_, column) => (column === 0 ? "---" : "--:")), ...rows].map(
    (cells) => `| ${cells.join(" | ")} |`,
  );
}

function aims(result: CaseResult): string[] {
  const lines = result.aims.flatMap((aim) => {
    const value = reached(result, aim);
    if (Number.isNaN(value)) return [];
    const isMet = value <= (aim.atMost ?? Infinity) && value >= (aim.atLeast ?? -Infinity);
    const bound = aim.atMost === undefined ? `at least ${aim.atLeast}` : `at most ${aim.atMost}`;
    const of = aim.against === undefined ? "" : ` of ${aim.against}`;
    return [`- ${aim.way}: ${aim.figure} ${bound}${of}: ${short(value)}, ${isMet ? "reached" : "**missed**"}`];
  });
  return lines.length === 0 ? [] : ["", ...lines];
}

function absent({ missing }: CaseResult): string[] {
  return missing.length === 0 ? [] : ["", ...missing.map(({ name, why }) => `- Left out: ${name} (${why}).`)];
}

function percent(share: number): string {
  return Number.isNaN(share) ? "" : `${(share * 100).toFixed(1)} %`;
}

function short(value: number): string {
  if (Number.isNaN(value)) return "";
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}
