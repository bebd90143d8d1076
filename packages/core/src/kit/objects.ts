/** Whether a value is an object and not an array. Does not follow semantic versioning. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `T` with every member that may be undefined optional instead. Does not follow semantic versioning. */
export type Defined<T extends object> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The same members without those that are undefined: under `exactOptionalPropertyTypes` an optional member may be
 * absent but not undefined. Does not follow semantic versioning.
 *
 * @example
 * ```ts
 * import { defined } from "@carrel/core/kit";
 *
 * function about(name: string, sizeBytes: number | undefined): { name: string; sizeBytes?: number } {
 *   return { ...defined({ name, sizeBytes }) };
 * }
 * ```
 */
export function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}
