import type { Judgement } from "./accepted.ts";
import type { Audit } from "./audit.ts";
import type { Document, Style } from "./document.ts";
import type { Finding, FindingKind } from "./finding.ts";
import { pathFamily } from "./path-key.ts";

const STYLE: Readonly<Record<Style, string>> = { rest: "legacy style", api: "modern style" };
const KIND: Readonly<Record<FindingKind, string>> = {
  lack: "we lack ",
  extra: "too much",
  differs: "differs ",
  broken: "broken  ",
};

/** The audit as text: what was compared, what is accepted and why, and what is left. */
export function report(theirs: Document, result: Audit, judgement: Judgement): string {
  const { log, styles, compared, elsewhere, outOfScope } = result;
  const models = new Set(styles.flatMap((style) => [...log.subjects[style]]).filter((name) => !name.includes(".")));
  const lines = [
    `${theirs.label}: vSphere ${theirs.version ?? "(version unknown; give it with --version)"}, ${styles.map((style) => STYLE[style]).join(" and ")}`,
    `Compared: ${compared} operations and ${models.size} models. The vendor's operations out of our scope: ${outOfScope}.`,
  ];
  if (elsewhere.length > 0) {
    const families = Map.groupBy(elsewhere, ({ style, path }) => `${pathFamily(style, path)} (${STYLE[style]})`);
    const counted = [...families].map(([family, operations]) => `${count(operations, "operation")} below ${family}`);
    lines.push(`Not in this file, so not compared: ${counted.join(", ")}.`);
  }
  if (log.newer.size > 0) lines.push(...section(`Ours came later than this file: ${log.newer.size}`, [...log.newer]));
  if (judgement.accepted.size > 0) {
    const all = [...judgement.accepted.values()].flat();
    const entries = [...judgement.accepted].map(
      ([entry, found]) => `${found.length} x ${entry.subject.join(", ")}: ${entry.reason}`,
    );
    lines.push(...section(`Accepted: ${count(all, "difference")}`, entries));
  }
  if (judgement.unused.length > 0) {
    const entries = judgement.unused.map(
      ({ subject, kind, what }) => `${subject.join(", ")}: ${kind} ${what.join(", ")}`,
    );
    lines.push(...section(`Accepted differences that are none here, so the entry can go: ${entries.length}`, entries));
  }
  lines.push("", `Differences: ${judgement.open.length}`);
  for (const [heading, findings] of Map.groupBy(
    judgement.open,
    ({ subject, style }) => `${subject} (${STYLE[style]})`,
  )) {
    lines.push(`  ${heading}`, ...findings.map((finding) => `    ${sentence(finding)}`));
  }
  return `${lines.join("\n")}\n`;
}

function count(things: readonly unknown[], noun: string): string {
  return `${things.length} ${noun}${things.length === 1 ? "" : "s"}`;
}

function section(heading: string, lines: readonly string[]): string[] {
  return ["", heading, ...lines.map((line) => `  ${line}`)];
}

function sentence({ kind, what, detail }: Finding): string {
  return `${KIND[kind]}  ${what}${detail === undefined ? "" : `: ${detail}`}`;
}
