// Control characters, the invisible ones that reorder or join their neighbours, line separators, and letters without a shape.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034F\u115F\u1160\u3164\uFFA0]/gu;
// oxlint-disable-next-line no-control-regex -- styles begin with it
const style = /(\u001B\[[\d;]*m)/u;
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Makes text from elsewhere safe to show on a terminal, in one line: characters that could move the cursor, begin a line or
 * deceive the eye become visible escapes.
 */
export function printable(text: string): string {
  return text.toWellFormed().replace(unsafe, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);
}

/** Does the same for a line with colours, which stay. */
export function printableStyled(line: string): string {
  return line
    .split(style)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part))
    .join("");
}

/** Formats a value as one line of JSON without characters that a terminal would act on. Parses to the same value. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(invisible, (character) => character.split("").map(escapeUnit).join(""));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
