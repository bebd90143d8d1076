import type { Document } from "./document.ts";
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
  /** The type of the values of a map. */
  readonly mapOf: RawSchema | undefined;
  /** The version that added it: our mark, or the vendor's text. */
  readonly since: string | undefined;
  /** Why the schema is unknown: a reference that cannot be resolved. */
  readonly broken: string | undefined;
}

/** Follows references and single `allOf`s. */
export function readShape(schema: RawSchema, { references, schemas }: Pick<Document, "references" | "schemas">): Shape {
  // As an empty line of YAML leaves it.
  if (typeof schema !== "object" || schema === null) return readShape({}, { references, schemas });
  let name: string | undefined;
  let current = schema;
  let description = schema.description ?? "";
  let since = schema["x-carrel-since"];
  let broken: string | undefined;
  const seen = new Set<object>();
  for (;;) {
    const target = references.step(current);
    const next = target === undefined ? onlyPart(current) : target.value;
    if (next === undefined || seen.has(next)) {
      broken = target?.broken ?? (next && references.describeCircle(current));
      break;
    }
    seen.add(next);
    if (target?.value) ({ name } = target);
    current = next;
    since ??= current["x-carrel-since"];
    description ||= current.description ?? "";
  }
  if (broken !== undefined) current = {};
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
    broken,
  };
}

function onlyPart(schema: RawSchema): RawSchema | undefined {
  return schema.allOf?.length === 1 && !schema.properties ? (schema.allOf[0] ?? undefined) : undefined;
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
