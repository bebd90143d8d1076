import { parseXml, XmlElement, XmlError } from "@rgrove/parse-xml";

export type { XmlElement } from "@rgrove/parse-xml";

/** No descriptor is nested nearly as deep. */
const maxDepth = 100;
const notReadable = "Cannot read the OVF descriptor";

/**
 * Parses a document, and returns its root element. Entities other than XML's own five are errors, whatever a document type declares, so that
 * nothing is expanded and nothing is fetched.
 *
 * @throws SyntaxError: not text, not well-formed XML, or nested too deeply. Nothing of the document is in the message, since
 * it may hold passwords.
 */
export function parseRoot(bytes: Uint8Array): XmlElement {
  // Done here, as XML requires before parsing, because the parser takes quadratic time for it.
  const text = decode(bytes).replaceAll(/\r\n?/gu, "\n");
  const root = parse(text);
  if (isDeeperThan(maxDepth, root)) throw tooDeep();
  return root;
}

function parse(text: string): XmlElement {
  try {
    const { root } = parseXml(text);
    if (root !== null) return root;
  } catch (error) {
    if (error instanceof XmlError) {
      throw new SyntaxError(`${notReadable}: not well-formed XML at line ${error.line}, column ${error.column}`);
    }
    // The parser recurses: its stack is full.
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
  throw new SyntaxError(`${notReadable}: it has no element`);
}

function tooDeep(): SyntaxError {
  return new SyntaxError(`${notReadable}: elements are nested more than ${maxDepth} deep`);
}

function isDeeperThan(limit: number, root: XmlElement): boolean {
  let level: readonly XmlElement[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((element) => elementsIn(element));
  }
  return false;
}

/** UTF-16 by its mark, else what the XML declaration says, else UTF-8. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const mark = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "";
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  const [, stated = "utf-8"] =
    /^(?:\u00EF\u00BB\u00BF)?<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']/u.exec(start) ?? [];
  try {
    return new TextDecoder(mark || stated, { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError(`${notReadable}: not text in the encoding that it states`);
  }
}

/** The part of a name behind its prefix: descriptors choose their prefixes. */
export function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** The elements right inside an element. */
function elementsIn(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => child instanceof XmlElement);
}

/** Those with one of the names, whatever their prefix. */
export function childrenOf(element: XmlElement, ...names: readonly string[]): readonly XmlElement[] {
  return elementsIn(element).filter(({ name }) => names.includes(localName(name)));
}

/** The value of an attribute: with the prefix `ovf`, or none, or any. Empty is absent. */
export function attributeOf({ attributes }: XmlElement, name: string): string | undefined {
  const other = Object.keys(attributes).find((key) => localName(key) === name && !key.startsWith("xmlns"));
  const value = attributes[`ovf:${name}`] ?? attributes[name] ?? (other === undefined ? undefined : attributes[other]);
  return value?.trim() || undefined;
}

/** The text of the first child of a name, on one line. Empty is absent. */
export function textOf(element: XmlElement, name: string): string | undefined {
  const [child] = childrenOf(element, name);
  return child && oneLine(child.text);
}

/** A text on one line. Empty is absent. */
export function oneLine(text: string): string | undefined {
  return text.replaceAll(/\s+/gu, " ").trim() || undefined;
}
