import type { RawSchema } from "./raw-document.ts";

/** A schema with its references followed. */
export interface Shape {
  /** Name of the schema, when it has one. */
  readonly name: string | undefined;
  readonly type: string;
  readonly format: string | undefined;
  readonly values: readonly string[] | undefined;
  readonly required: ReadonlySet<string>;
  readonly members: ReadonlyMap<string, RawSchema>;
  readonly element: RawSchema | undefined;
  /** What the values of a map are. */
  readonly mapOf: RawSchema | undefined;
  /** The version that added it: our mark, or what the vendor's text says. */
  readonly since: string | undefined;
}

/** Follows references and single `allOf`s. Throws when a reference points to nothing. */
export function readShape(schema: RawSchema, schemas: ReadonlyMap<string, RawSchema>): Shape {
  let name: string | undefined;
  let current = schema;
  let description = schema.description ?? "";
  let since = schema["x-carrel-since"];
  const seen = new Set<string>();
  for (let next = referenced(current); next !== undefined; next = referenced(current)) {
    if (next.$ref === undefined) {
      current = next;
    } else {
      name = refName(next.$ref);
      const target = schemas.get(name);
      if (!target || seen.has(name)) throw new Error(`The reference ${next.$ref} points to nothing`);
      seen.add(name);
      current = target;
    }
    since ??= current["x-carrel-since"];
    description ||= current.description ?? "";
  }
  const { additionalProperties } = current;
  return {
    name,
    type: current.type ?? (current.properties ? "object" : "any"),
    format: current.format,
    values: current.enum ?? describedValues(current, description, schemas),
    required: new Set(Array.isArray(current.required) ? (current.required as readonly string[]) : []),
    members: new Map(Object.entries(current.properties ?? {})),
    element: current.items,
    mapOf: typeof additionalProperties === "object" ? additionalProperties : undefined,
    since: since ?? /was added in __vSphere API ([\d.]+)__/.exec(description)?.[1],
  };
}

/** The last part of a `$ref`. */
export function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

function referenced(schema: RawSchema): RawSchema | undefined {
  if (schema.$ref !== undefined) return schema;
  return schema.allOf?.length === 1 && !schema.properties ? schema.allOf[0] : undefined;
}

/** From 9.0 on a member of an enumerated type is a plain string, and only its text names the type and the values. */
function describedValues(
  schema: RawSchema,
  description: string,
  schemas: ReadonlyMap<string, RawSchema>,
): readonly string[] | undefined {
  if (schema.type !== "string") return undefined;
  const [, named] = /For more information see: \*([\w.]+)\*/.exec(description) ?? [];
  const declared = named === undefined ? undefined : schemas.get(named)?.enum;
  if (declared) return declared;
  const [, list] = /Possible values:([\s\S]*)/.exec(description) ?? [];
  const values = [...(list ?? "").matchAll(/^\s*- `(\w+)`/gm)].map(([, value = ""]) => value);
  return values.length > 0 ? values : undefined;
}
