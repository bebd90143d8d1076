// Control characters, the invisible ones that reorder their neighbours, and line separators.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Makes text from elsewhere safe to show on a terminal: what could move the cursor or deceive the eye becomes visible. */
export function printable(text: string): string {
  return text.toWellFormed().replace(unsafe, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);
}

/** The same for a text of several lines, which stay. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/u).map(printable).join("\n");
}
