import { ProtocolError } from "../errors/call-errors.ts";
import { answerModels } from "../gen/answers.gen.ts";
import { isObject } from "../kit/objects.ts";
import { readMessage } from "./failure.ts";
import type { Operation } from "./operation.ts";

/** The longest identifier or name, in UTF-16 units. They are used in later paths and as names of files. */
const longestName = 4_096;

/**
 * Returns the result in the form that its model describes, so that no caller has to check values again. A member that
 * is null counts as absent. Members and values of enumerations that the specification does not know are kept, because a
 * later version may have added them.
 *
 * @throws {@link ProtocolError} `PROTOCOL`: a member has the wrong type, or a required one is missing. The message
 * names it.
 */
export function checkResult(operation: Operation, result: unknown): unknown {
  const read = new ResultReader(operation);
  const kind = operation.model ?? (operation.access === "login" ? "header" : "name!");
  return read.value(operation.result === "list" ? `${kind}[]` : kind, result, "");
}

class ResultReader {
  readonly #operation: Operation;

  constructor(operation: Operation) {
    this.#operation = operation;
  }

  value(kind: string, value: unknown, path: string): unknown {
    if (kind.endsWith("[]")) {
      if (!Array.isArray(value)) this.#refuse(path, `${kindOf(value)}, not an array`);
      const inner = kind.slice(0, -2);
      return value.map((each: unknown, index) => this.value(inner, each, `${path}[${index}]`));
    }
    switch (kind) {
      case "string":
      case "string!":
        return this.#text(value, path);
      case "name":
        return this.#name(value, path);
      case "name!":
        if (value === "") this.#refuse(path, "empty");
        return this.#name(value, path);
      case "header":
        // A session id is later sent in a header.
        if (!/^[\x21-\x7e]+$/u.test(this.#name(value, path))) this.#refuse(path, "not a session id");
        return value;
      case "time":
        if (Number.isNaN(Date.parse(this.#text(value, path)))) this.#refuse(path, "not a time");
        return value;
      case "boolean":
        if (typeof value !== "boolean") this.#refuse(path, `${kindOf(value)}, not true or false`);
        return value;
      case "count":
        if (typeof value !== "number") this.#refuse(path, `${kindOf(value)}, not a number`);
        if (!Number.isSafeInteger(value) || value < 0) this.#refuse(path, `${value}, not a whole number of at least 0`);
        return value;
      case "map":
        if (!isObject(value)) this.#refuse(path, `${kindOf(value)}, not an object`);
        return value;
      case "LocalizableMessage":
        return readMessage(value);
      default:
        return this.#model(kind, value, path);
    }
  }

  #model(name: string, value: unknown, path: string): unknown {
    if (!isObject(value)) this.#refuse(path, `${kindOf(value)}, not an object`);
    const kinds = answerModels[name] ?? {};
    const members = new Map<string, unknown>();
    for (const [member, inner] of Object.entries(value)) {
      const at = path === "" ? member : `${path}.${member}`;
      const read = Object.hasOwn(kinds, member) && inner !== null ? this.value(kinds[member] ?? "", inner, at) : inner;
      const present = withoutNulls(read);
      if (present !== undefined) members.set(member, present);
    }
    const missing = Object.keys(kinds).find((member) => kinds[member]?.endsWith("!") && !members.has(member));
    if (missing !== undefined) {
      // A checksum without digits counts as absent, as before the download is complete.
      if (name === "ChecksumInfo") return undefined;
      this.#refuse(path === "" ? missing : `${path}.${missing}`, "missing");
    }
    return Object.fromEntries(members);
  }

  #text(value: unknown, path: string): string {
    if (typeof value !== "string") this.#refuse(path, `${kindOf(value)}, not a string`);
    return value;
  }

  #name(value: unknown, path: string): string {
    const name = this.#text(value, path);
    if (name.length > longestName) this.#refuse(path, `longer than ${longestName} characters`);
    if (!name.isWellFormed()) this.#refuse(path, "malformed: it contains half of a surrogate pair");
    return name;
  }

  #refuse(path: string, what: string): never {
    const where = path === "" ? "the answer" : `the answer's ${path}`;
    throw new ProtocolError(`${this.#operation.id}: ${where} is ${what}`);
  }
}

/** The same value without members that are null; undefined for null itself. */
function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map((each: unknown) => withoutNulls(each) ?? null);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, withoutNulls(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
