/** An object, or a reference to one. */
export interface Referring {
  readonly $ref?: string;
}

/** Where a reference leads. */
export type Target<T> =
  | { readonly value: T; readonly name: string; readonly broken?: never }
  /** The reference cannot be resolved: which one, where it is, and why. */
  | { readonly broken: string; readonly value?: never; readonly name?: never };

/** The result of following references. */
export interface Followed<T> {
  /** Absent where a reference cannot be resolved. */
  readonly value: T | undefined;
  readonly broken: string | undefined;
}

interface Place {
  readonly file: string;
  readonly pointer: string;
}

/** Follows the references of a document: JSON pointers into itself, and into other files that were given. */
export class References {
  readonly #files: ReadonlyMap<string, unknown>;
  readonly #main: string;
  readonly #places = new WeakMap<object, Place>();

  /**
   * @param main - The name of the document's file.
   * @param files - The parsed files that references may lead into, by name, the document's own among them.
   */
  constructor(main: string, files: ReadonlyMap<string, unknown>) {
    this.#main = main;
    this.#files = files;
    for (const [file, content] of files) this.#note(content, { file, pointer: "#" }, new Set());
  }

  /** Follows a reference by one step; `undefined` where it is not a reference. */
  step<T extends Referring>(from: T): Target<T> | undefined {
    const { $ref } = from;
    if (typeof $ref !== "string") return undefined;
    const { file, pointer } = this.#places.get(from) ?? { file: this.#main, pointer: "an unknown place" };
    const place = file === this.#main ? pointer : `${file}${pointer}`;
    const broken = (why: string): Target<T> => ({ broken: `${$ref} at ${place} ${why}` });
    const [path = "", fragment = ""] = $ref.split(/#(.*)/s);
    const known = this.#files.get(path === "" ? file : path.replace(/^\.\//, ""));
    if (known === undefined) return broken("points into another file");
    const keys = keysOf(fragment);
    const value = keys && valueAt(known, keys);
    if (!isObject(value)) return broken("points to nothing");
    return { value: value as T, name: keys?.at(-1) ?? "" };
  }

  /** Follows references to their end. */
  follow<T extends Referring>(start: T): Followed<T> {
    const seen = new Set<object>();
    let value = start;
    for (;;) {
      const next = this.step(value);
      if (next === undefined) return { value, broken: undefined };
      if (next.broken !== undefined) return { value: undefined, broken: next.broken };
      if (seen.has(next.value)) return { value: undefined, broken: this.describeCircle(value) };
      seen.add(next.value);
      value = next.value;
    }
  }

  /** Reports a circular reference. */
  describeCircle({ $ref = "" }: Referring): string {
    return `${$ref} points back to itself`;
  }

  #note(value: unknown, { file, pointer }: Place, above: Set<object>): void {
    // Anchors of YAML can make circles.
    if (typeof value !== "object" || value === null || above.has(value)) return;
    above.add(value);
    if ("$ref" in value) this.#places.set(value, { file, pointer });
    for (const [key, each] of Object.entries(value)) {
      this.#note(each, { file, pointer: `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}` }, above);
    }
    above.delete(value);
  }
}

/** The name of the target of a reference: its last part. */
export function refName(ref: string): string {
  return keysOf(ref.slice(ref.indexOf("#") + 1))?.at(-1) ?? ref;
}

/** The keys of a JSON pointer in a URL fragment; `undefined` where it is not one. */
function keysOf(fragment: string): readonly string[] | undefined {
  try {
    const [first, ...keys] = decodeURIComponent(fragment).split("/");
    return first === "" ? keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~")) : undefined;
  } catch {
    return undefined;
  }
}

function valueAt(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    root,
  );
}

/** Whether a value has members. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
