/** A JSON Schema, or a part of one. */
export type Shape = Readonly<Record<string, unknown>>;

/** Members of an object, by name. */
export type Members = Readonly<Record<string, Shape>>;

const optionalMark = Symbol("optional");

/** Marks a member that may be absent. */
export function optional(shape: Shape): Shape {
  return { ...shape, [optionalMark]: true };
}

/** A text. */
export function text(description?: string): Shape {
  return { type: "string", ...(description !== undefined && { description }) };
}

/** A number, not always a whole one. */
export function number(description?: string): Shape {
  return { type: "number", ...(description !== undefined && { description }) };
}

/** A list of one shape. */
export function list(items: Shape): Shape {
  return { type: "array", items };
}

/** An object. Later versions may add members, so none is forbidden. */
export function object(members: Members, description?: string): Shape {
  const required = Object.keys(members).filter((name) => members[name]?.[optionalMark as never] === undefined);
  return {
    type: "object",
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(Object.entries(members).map(([name, shape]) => [name, { ...shape }])),
    required,
  };
}

/** Of an object that has members besides those that are described. */
export const more: Shape = { $comment: "It has more members." };

/** A line, which its type tells apart from the others. */
export function line(type: string | readonly string[], members: Members, description?: string): Shape {
  return object({ type: typeof type === "string" ? { const: type } : { enum: type }, ...members }, description);
}

/** True or false. */
export const flag: Shape = { type: "boolean" };
/** A size in bytes. */
export const bytes: Shape = { type: "integer", minimum: 0 };
/** How many. */
export const count: Shape = { type: "integer", minimum: 0 };
/** A time, ISO 8601 in UTC. */
export const time: Shape = { type: "string", format: "date-time" };

/** An error in JSON. */
export const error: Shape = object(
  {
    code: text("A code of the library, such as NOT_FOUND or INTEGRITY, or USAGE, INTERRUPTED or FAILED."),
    problem: optional(text("Tells apart what one code covers.")),
    retryable: { ...flag, description: "Whether the same command, unchanged, may succeed later." },
    message: text("What failed."),
    hints: list(text()),
    exitCode: { type: "integer" },
  },
  "The same members wherever there is an error.",
);

/** The last line of a run that failed. */
/** An error in JSON. */
export const errorLine: Shape = line("error", { error }, "The last line of a run that failed.");
