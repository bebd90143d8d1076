import { findJsonMistake } from "@carrel/core/kit";

/** An option, a fault or a seed is wrong. The message begins with the place of the mistake. */
export class SimulatorInputError extends Error {
  /** Where the mistake is, such as `libraries[0].items[2].name`. */
  readonly place: string;

  constructor(place: string, mistake: string) {
    super(`${place}: ${mistake}`);
    this.name = "SimulatorInputError";
    this.place = place;
  }
}

/** Checks a value from outside and returns nothing; throws {@link SimulatorInputError} with the place. */
export type Check = (value: unknown, place: string) => void;

/** Members that an object may have, each with its check. */
export type Members = Readonly<Record<string, Check>>;

/** A value of no more words: a text. */
export const text: Check = (value, place) => {
  if (typeof value !== "string") refuse(place, "a text", value);
};

/** A text that is not empty. */
export const filledText: Check = (value, place) => {
  if (typeof value !== "string" || value === "") refuse(place, "a text that is not empty", value);
};

/** The name or the address of a host, without a port. */
export const hostName: Check = (value, place) => {
  const isName = typeof value === "string" && !/[\s/\\?#@]/u.test(value) && !/^(?:\[.*\]|[^:]*):\d*$/u.test(value);
  if (!isName || URL.parse(`http://${value}`) === null) refuse(place, "a host name without a port", value);
};

export const flag: Check = (value, place) => {
  if (typeof value !== "boolean") refuse(place, "true or false", value);
};

/** A whole number in the given bounds. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Check {
  return (value, place) => {
    const fits = typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;
    if (fits) return;
    const bounds = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    refuse(place, least === Number.MIN_SAFE_INTEGER ? "a whole number" : `a whole number ${bounds}`, value);
  };
}

/** A number of milliseconds. */
export const milliseconds: Check = (value, place) => {
  if (typeof value !== "number" || !(value >= 0)) refuse(place, "a number of milliseconds, 0 or more", value);
};

/** One of the given texts. */
export function oneOf(values: readonly string[]): Check {
  return (value, place) => {
    if (typeof value !== "string" || !values.includes(value)) refuse(place, `one of ${values.join(", ")}`, value);
  };
}

/** A list whose elements pass a check. */
export function listOf(element: Check): Check {
  return (value, place) => {
    if (!Array.isArray(value)) refuse(place, "a list", value);
    for (const [index, each] of (value as readonly unknown[]).entries()) element(each, `${place}[${index}]`);
  };
}

/** An object with the given members and no others. */
export function objectOf(members: Members, required: readonly string[] = []): Check {
  return (value, place) => {
    const given = membersOf(value, place);
    for (const [name, member] of Object.entries(given)) {
      const check = Object.hasOwn(members, name) ? members[name] : undefined;
      if (!check)
        throw new SimulatorInputError(join(place, name), `unknown; known are ${Object.keys(members).join(", ")}`);
      if (member !== undefined) check(member, join(place, name));
    }
    for (const name of required) {
      if (given[name] === undefined) throw new SimulatorInputError(join(place, name), "missing");
    }
  };
}

/** The value as an object. */
export function membersOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(place, "an object", value);
  return value as Readonly<Record<string, unknown>>;
}

/** The place of a member. */
export function join(place: string, name: string): string {
  return place ? `${place}.${name}` : name;
}

/** Throws with what was wanted and what was there. */
export function refuse(place: string, wanted: string, value: unknown): never {
  throw new SimulatorInputError(place || "(the whole)", `must be ${wanted}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const json = typeof value === "bigint" || typeof value === "function" ? String(value) : JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

/** Parses JSON. Throws {@link SimulatorInputError} with line and column where it is not valid. */
export function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    const { line, column } = findJsonMistake(source);
    const place = `line ${line}, column ${column}`;
    throw new SimulatorInputError(place, "this is not valid JSON");
  }
}
