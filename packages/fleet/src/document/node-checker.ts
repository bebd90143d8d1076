import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Document, Node, Pair } from "yaml";
import type { Complaint, KeyPath } from "./mistakes.ts";
import { namePattern, shownText } from "./shapes.ts";
import type { CountShape, RecordShape, Shape, TextShape } from "./shapes.ts";
import { isSecretKey } from "./values.ts";

/** A value of a document, or a key. */
type Found = Node | null | undefined;

/** Receives a mistake and the node that it is about. */
type Report = (complaint: Complaint, path: KeyPath, node: Found) => void;

const isName = new RegExp(namePattern, "u");

/** Reads the nodes of a document by a table, and reports every mistake. What is wrong is left out of what is read. */
export class NodeChecker {
  readonly #document: Document;
  readonly #report: Report;
  /** Where the values are, for mistakes that are found later. */
  readonly #nodes = new Map<string, Found>();

  constructor(document: Document, report: Report) {
    this.#document = document;
    this.#report = report;
  }

  /** Returns the node at a path. */
  nodeAt(path: KeyPath): Found {
    return this.#nodes.get(JSON.stringify(path));
  }

  /** Reads a value; `undefined` where it is wrong. */
  read(shape: Shape, given: Found, path: KeyPath): unknown {
    const node = isAlias(given) ? given.resolve(this.#document) : given;
    this.#nodes.set(JSON.stringify(path), given);
    switch (shape.kind) {
      case "record":
        return this.#readRecord(shape, node, path, given);
      case "names":
        return this.#readNames(shape.each, node, path, given);
      case "text":
        return this.#readText(shape, node, path, given);
      case "count":
        return this.#readCount(shape, node, path, given);
      case "flag":
        if (isScalar(node) && typeof node.value === "boolean") return node.value;
        return this.#refuse("kind", `Expected true or false, but found ${kindOf(node)}`, path, given);
      default:
        return shape satisfies never;
    }
  }

  #readRecord(shape: RecordShape, node: Found, path: KeyPath, given: Found): Readonly<Record<string, unknown>> {
    const known = Object.keys(shape.members);
    const read: Record<string, unknown> = {};
    const present = new Map<string, Found>();
    for (const { key, keyNode, value } of this.#entries(node, path, given)) {
      const at = [...path, key];
      const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
      present.set(key, keyNode);
      if (member !== undefined) {
        const found = this.read(member, value, at);
        if (found !== undefined) read[key] = found;
      } else if (isSecretKey(key)) {
        this.#refuse("secret", `${shownText(key)} would be a secret, which a fleet document never holds`, at, keyNode);
      } else {
        this.#report(
          { problem: "unknown-key", message: `There is no key ${shownText(key)} here`, named: key, known },
          at,
          keyNode,
        );
      }
    }
    if (isMap(node)) this.#checkTogether(shape, present, path, given);
    return read;
  }

  #checkTogether(
    { required, oneOf, needs = {} }: RecordShape,
    present: ReadonlyMap<string, Found>,
    path: KeyPath,
    given: Found,
  ): void {
    for (const key of required) {
      if (!present.has(key)) this.#refuse("missing", `The key ${shownText(key)} is missing`, path, given);
    }
    const [one, other] = oneOf ?? [];
    if (one !== undefined && other !== undefined && present.has(one) === present.has(other)) {
      const both = `${shownText(one)} and ${shownText(other)}`;
      if (present.has(one)) this.#refuse("contradiction", `${both} exclude each other`, path, present.get(other));
      else this.#refuse("missing", `Either ${shownText(one)} or ${shownText(other)} is missing`, path, given);
    }
    for (const [key, needed] of Object.entries(needs)) {
      if (!present.has(key) || present.has(needed)) continue;
      const message = `${shownText(key)} has no effect without ${shownText(needed)}`;
      this.#refuse("no-effect", message, [...path, key], present.get(key));
    }
  }

  #readNames(each: RecordShape, node: Found, path: KeyPath, given: Found): Readonly<Record<string, unknown>> {
    const read: Record<string, unknown> = {};
    for (const { key, keyNode, value } of this.#entries(node, path, given)) {
      const at = [...path, key];
      if (!isName.test(key)) {
        const message = `${shownText(key)} is not a name: up to 63 letters, digits, ".", "_" and "-", the first a letter or digit`;
        this.#refuse("name", message, at, keyNode);
      }
      Object.defineProperty(read, key, { value: this.read(each, value, at), enumerable: true });
    }
    return read;
  }

  /** Lists the keys of a map. Reports what is none, and keys that are there twice. */
  *#entries(
    node: Found,
    path: KeyPath,
    given: Found,
  ): Generator<{ readonly key: string; readonly keyNode: Node; readonly value: Found }> {
    if (!isMap(node)) {
      this.#refuse("kind", `Expected keys with values, but found ${kindOf(node)}`, path, given);
      return;
    }
    const seen = new Set<string>();
    for (const { key: keyNode, value } of node.items as readonly Pair<Node, Found>[]) {
      const key = isScalar(keyNode) ? String(keyNode.value) : "";
      if (!isScalar(keyNode)) this.#refuse("kind", `Expected a key, but found ${kindOf(keyNode)}`, path, keyNode);
      else if (seen.has(key)) this.#refuse("duplicate", `${shownText(key)} is there twice`, [...path, key], keyNode);
      else yield { key, keyNode, value };
      seen.add(key);
    }
  }

  #readText({ pattern, check }: TextShape, node: Found, path: KeyPath, given: Found): string | undefined {
    if (!isScalar(node) || typeof node.value !== "string") {
      return this.#refuse("kind", `Expected a text, but found ${kindOf(node)}`, path, given);
    }
    const { value: text } = node;
    if (text.trim() === "") return this.#refuse("value", "The text is empty", path, given);
    const complaint = check?.(text);
    if (complaint === undefined && (pattern === undefined || new RegExp(pattern, "u").test(text))) return text;
    this.#report(
      complaint ?? { problem: "value", message: `${shownText(text)} does not match ${pattern}` },
      path,
      given,
    );
    return undefined;
  }

  #readCount({ least, most }: CountShape, node: Found, path: KeyPath, given: Found): number | undefined {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== "number") {
      return this.#refuse("kind", `Expected a whole number, but found ${kindOf(node)}`, path, given);
    }
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    return this.#refuse("value", `${value} is not a whole number from ${least} to ${most}`, path, given);
  }

  #refuse(problem: Complaint["problem"], message: string, path: KeyPath, node: Found): undefined {
    this.#report({ problem, message }, path, node);
  }
}

/** Names a node in a message. */
function kindOf(node: Found): string {
  if (isMap(node)) return "keys with values";
  if (isSeq(node)) return "a list";
  if (!isScalar(node) || node.value === null || node.value === undefined) return "nothing";
  if (typeof node.value === "string") return `the text ${shownText(node.value)}`;
  return `the ${typeof node.value} ${JSON.stringify(node.value)}`;
}
