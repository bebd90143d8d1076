/**
 * What draws lines on a terminal, over those that were drawn before, and leaves the cursor where it was: at the start of the
 * first of them. So nothing has to be known of what a resize has made of them. Nothing is cleared first, so nothing flickers.
 * Lines are to be narrower than the terminal. Where they are not, for it was made narrower and nobody told yet, they are cut.
 */
export function drawLines(lines: readonly string[]): string {
  if (lines.length === 0) return eraseLines;
  const rows = lines.map((line) => `${line}\u001B[K`).join("\n");
  const up = lines.length > 1 ? `\u001B[${lines.length - 1}A` : "";
  // Without the terminal's wrapping, which is on again at the end, whatever may become of this process.
  return `\r\u001B[?7l${rows}\u001B[J\u001B[?7h\r${up}`;
}

/**
 * What takes lines away that were drawn. The next text goes where they were. In two steps, for some terminals keep a copy of
 * a screen that is erased from its very first column on.
 */
export const eraseLines = "\r\u001B[K\u001B[C\u001B[J\r";
