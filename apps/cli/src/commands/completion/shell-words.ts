/** A quote that is open where the cursor is; empty where there is none. */
export type Quote = "" | "'" | '"';

/** A command line of bash up to the cursor. Nothing in it is evaluated. */
export interface BashLine {
  /** The words before the one at the cursor, without their quotes. */
  readonly words: readonly string[];
  /** The word at the cursor, without quotes. */
  readonly current: string;
  readonly quote: Quote;
  /** How the current word begins: bash replaces only what follows. */
  readonly kept: string;
}

/**
 * Splits a line at blanks, and removes quotes and backslashes, as bash does.
 * @param breaks - `COMP_WORDBREAKS`: of a word with one of these that is not quoted, bash replaces only what follows it.
 */
export function readBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let [current, afterBreak, afterQuote, hasWord] = ["", "", "", false];
  let quote: Quote = "";
  const characters = Array.from(line);
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? "";
    if (character === quote) {
      quote = "";
    } else if (character === "\\" && escapes(characters[index + 1], quote)) {
      index += 1;
      current += characters[index] ?? "";
      hasWord = true;
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      afterQuote = current;
      hasWord = true;
    } else if (quote === "" && /\s/u.test(character)) {
      if (hasWord) words.push(current);
      [current, afterBreak, hasWord] = ["", "", false];
    } else {
      current += character;
      hasWord = true;
      if (quote === "" && breaks.includes(character)) afterBreak = current;
    }
  }
  return { words, current, quote, kept: quote === "" ? afterBreak : afterQuote };
}

/** Whether a backslash before a character is one that bash removes. */
function escapes(next: string | undefined, quote: Quote): boolean {
  return quote === "" || (quote === '"' && next !== undefined && '$`"\\'.includes(next));
}

/** Writes a text so that bash reads it as it is; `undefined` where that is not possible within the quote that is open. */
export function quoteForBash(text: string, quote: Quote): string | undefined {
  if (quote === "'") return closed(text.replaceAll("'", String.raw`'\''`), quote);
  if (quote === '"') {
    // Before it does anything else, bash replaces "!" by an earlier command, and a backslash before it would stay.
    return text.includes("!") ? undefined : closed(text.replaceAll(/[$`"\\]/gu, String.raw`\$&`), quote);
  }
  return text.replaceAll(/[^\w./,+%\u{80}-\u{10FFFF}-]/gu, String.raw`\$&`);
}

/** Bash closes the quote itself, but not where it sees a quote at the end. */
function closed(text: string, quote: Quote): string {
  return text.endsWith(quote) ? text + quote : text;
}

/** Removes the quotes and backslashes of a word of fish that may not be complete. */
export function readFishWord(word: string): string {
  let [text, quote]: [string, Quote] = ["", ""];
  const characters = Array.from(word);
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? "";
    const next = characters[index + 1];
    if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else if (
      character === "\\" &&
      (quote === "" || next === quote || next === "\\" || (quote === '"' && next === "$"))
    ) {
      index += 1;
      text += next ?? "";
    } else text += character;
  }
  return text;
}

/** Removes the quotes of a word of PowerShell that may not be complete, which takes curly ones for straight ones. */
export function readPowerShellWord(word: string): string {
  const [first = ""] = word;
  if (singleQuotes.includes(first)) return unquoted(word, singleQuotes).replaceAll(/(['‘’‚‛])\1/gu, "$1");
  if (doubleQuotes.includes(first)) return unquoted(word, doubleQuotes).replaceAll(/`(.)|(["“”„])\2/gu, "$1$2");
  return word.replaceAll(/`(.)/gu, "$1");
}

const singleQuotes = "'‘’‚‛";
const doubleQuotes = '"“”„';

function unquoted(word: string, quotes: string): string {
  const end = word.length > 1 && quotes.includes(word.at(-1) ?? "") ? -1 : undefined;
  return word.slice(1, end);
}
