import { findJsonMistake, isObject, shown } from "@carrel/core/kit";

/** An option, a fault or a seed is wrong. The message begins with the place of the mistake. */
export class SimulatorInputError extends Error {
  /** Where the mistake is, such as `libraries[0].items[2].name`. */
  readonly place: string;

  constructor(place: string, mistake: string) {
    super(`${place} ${mistake}`);
    this.name = "SimulatorInputError";
    this.place = place;
  }
}

/** Checks a value from outside; throws {@link SimulatorInputError} with its place. */
export type Check = (value: unknown, place: string) => void;

/** Members that an object may have, each with its check. */
export type Members = Readonly<Record<string, Check>>;

/** A string. */
export const text: Check = (value, place) => {
  if (typeof value !== "string") refuse(place, "a string", value);
};

/** A string that is not empty. */
export const filledText: Check = (value, place) => {
  if (typeof value !== "string" || value === "") refuse(place, "a string that is not empty", value);
};

/** The name or the address of a host, without a port. */
export const hostName: Check = (value, place) => {
  const isName = typeof value === "string" && !/[\s/\\?#@]/u.test(value) && !/^(?:\[.*\]|[^:]*):\d*$/u.test(value);
  if (!isName || URL.parse(`http://${value}`) === null) refuse(place, "a host name without a port", value);
};

export const flag: Check = (value, place) => {
  if (typeof value !== "boolean") refuse(place, "true or false", value);
};

/** A whole number in the given range. */
export function whole(from: number, to: number = Number.MAX_SAFE_INTEGER): Check {
  return (value, place) => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= from && value <= to) return;
    const range = to === Number.MAX_SAFE_INTEGER ? `of at least ${from}` : `from ${from} to ${to}`;
    refuse(place, from === Number.MIN_SAFE_INTEGER ? "a whole number" : `a whole number ${range}`, value);
  };
}

/** A number of milliseconds. */
export const milliseconds: Check = (value, place) => {
  if (typeof value !== "number" || !(value >= 0)) refuse(place, "a number of milliseconds, 0 or more", value);
};

/** One of the given strings. */
export function oneOf(values: readonly string[]): Check {
  return (value, place) => {
    if (typeof value !== "string" || !values.includes(value)) refuse(place, `one of ${values.join(", ")}`, value);
  };
}

/** An array whose elements pass a check. */
export function arrayOf(element: Check): Check {
  return (value, place) => {
    if (!Array.isArray(value)) refuse(place, "an array", value);
    for (const [index, each] of (value as readonly unknown[]).entries()) element(each, `${place}[${index}]`);
  };
}

/** An object with the given members and no others. */
export function objectOf(members: Members, required: readonly string[] = []): Check {
  return (value, place) => {
    const given = membersOf(value, place);
    for (const [name, member] of Object.entries(given)) {
      const check = Object.hasOwn(members, name) ? members[name] : undefined;
      if (!check) {
        throw new SimulatorInputError(join(place, name), `is unknown: expected ${Object.keys(members).join(", ")}`);
      }
      if (member !== undefined) check(member, join(place, name));
    }
    for (const name of required) {
      if (given[name] === undefined) throw new SimulatorInputError(join(place, name), "is missing");
    }
  };
}

/** Returns the value as an object. */
export function membersOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (!isObject(value)) refuse(place, "an object", value);
  return value;
}

/** The place of a member. */
export function join(place: string, name: string): string {
  return place ? `${place}.${name}` : name;
}

/** Throws with what was expected and what was given. */
export function refuse(place: string, expected: string, value: unknown): never {
  throw new SimulatorInputError(place || "the value", `must be ${expected}: got ${shown(value)}`);
}

/** Parses JSON. Throws {@link SimulatorInputError} with line and column where it is not valid. */
export function parseJsonInput(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    const { line, column } = findJsonMistake(source);
    throw new SimulatorInputError(`line ${line}, column ${column}`, "is not valid JSON");
  }
}
