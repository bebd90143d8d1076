import type { Finding } from "./finding.ts";

/** A turn of phrase that is not used, and what to write in its place. */
interface Phrase {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** Phrases that are not the English of this project. */
export const phrases: readonly Phrase[] = [
  { pattern: /\btold\b(?! apart)/giu, instead: "reported, printed" },
  { pattern: /\banew\b/giu, instead: "again" },
  { pattern: /\b(?:go|goes|went|going) on\b/giu, instead: "continue, resume" },
  { pattern: /\bin (?:the|its|their) way\b(?! that)/giu, instead: "an obstacle, exists" },
  {
    pattern: /(?<!\bthere )\bis no (?!more\b|longer\b|less\b|other\b|different\b|such\b)\w+/giu,
    instead: "is not a",
  },
  { pattern: /\bno use\b/giu, instead: "unusable, does not help" },
  { pattern: /\bbrought\b(?! up to date)/giu, instead: "downloaded" },
  { pattern: /\btid(?:y|ies|ied|ying)\b/giu, instead: "clean up" },
  { pattern: /\bmend(?:s|ed|ing)?\b/giu, instead: "fix" },
  { pattern: /\bwhoever\b/giu, instead: "a person who, another process" },
  { pattern: /\bso many\b/giu, instead: "that many, a number of" },
  { pattern: /\bit is said\b|\bis it said\b|\bis not said\b/giu, instead: "reports, states" },
  {
    pattern: /\b(?:is|are|be) taken\b(?! (?:from|over|out|together|away)\b)|\btaken for\b/giu,
    instead: "is in use, is accepted",
  },
  { pattern: /(?<!\bconsumer )\bwants\b/giu, instead: "requires" },
  { pattern: /\bbehind (?:byte|offset)\b/giu, instead: "after" },
  { pattern: /\ba look at\b/giu, instead: "a check of, a stat of" },
  { pattern: /\b(?:make|makes|made) ready\b/giu, instead: "prepare" },
];

/** Texts that may contain such a phrase, because others wrote it or because they are about it. */
const exceptions: readonly RegExp[] = [/\bgo mod tidy\b/u];

/** Files about the phrases themselves. */
const about: ReadonlySet<string> = new Set([
  "tooling/checks/repo-lint/src/check-words.ts",
  "tooling/checks/repo-lint/test/words.test.ts",
]);

/** Whether the texts of a file are checked: sources, names of tests, specifications and documents, but nothing generated. */
export function hasProse(file: string): boolean {
  if (about.has(file) || /\/(?:gen|dist|node_modules|fixtures)\//u.test(file) || file.endsWith("CHANGELOG.md"))
    return false;
  return /^(?:packages|apps|tooling)\/.*\.(?:ts|mjs|cjs|md|yaml)$|^[\w-]+\.md$|^\.changeset\/[\w-]+\.md$/u.test(file);
}

/** Finds phrases that are not the English of this project: in tests only in their names, elsewhere in every line. */
export function checkWords(file: string, text: string): readonly Finding[] {
  if (!hasProse(file)) return [];
  return text.split("\n").flatMap((line, index) => {
    const prose = isTest(file) ? testNames(line) : line;
    if (prose === "" || exceptions.some((exception) => exception.test(prose))) return [];
    return phrases.flatMap(({ pattern, instead }) =>
      [...prose.matchAll(pattern)].map(([phrase]) => ({
        file,
        line: index + 1,
        rule: "words",
        message: `"${phrase}" is not how this project writes.`,
        fix: `write what is meant, such as "${instead}".`,
      })),
    );
  });
}

function isTest(file: string): boolean {
  return /\.test\.ts$|\/(?:test|[\w-]*tests|terminal)\//u.test(file);
}

/** The names of tests on a line: the first argument of `test`, `describe` and what they return. */
function testNames(line: string): string {
  const names = line.matchAll(
    /(?:\b(?:test|describe)(?:\.\w+)*(?:<[^>]*>)?|^\s*\](?: as const)?\))\(\s*("(?:[^"\\]|\\.)*"|`[^`]*`)/gu,
  );
  return [...names].map(([, name = ""]) => name).join(" ");
}
