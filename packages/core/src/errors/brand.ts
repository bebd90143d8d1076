const brand = Symbol.for("carrel.error");

interface Branded {
  readonly [brand]?: ReadonlySet<string>;
}

/** Marks an error with the brands of its class and all base classes, invisibly to logs. */
export function markBrands(error: object, leaf: object): void {
  const brands = new Set<string>();
  for (let type: unknown = leaf; typeof type === "function"; type = Object.getPrototypeOf(type)) {
    const name: unknown = Object.hasOwn(type, "brand") ? (type as { brand?: unknown }).brand : undefined;
    if (typeof name === "string") brands.add(name);
  }
  Object.defineProperty(error, brand, { value: brands });
}

/** Whether a value is an error of Carrel, of this copy of the package or another. */
export function isBranded(value: unknown): boolean {
  return typeof value === "object" && value !== null && brand in value;
}

/** `instanceof` by brand, so that a second copy of the package in one process recognises the errors of the first. */
export function hasBrand(type: object, value: unknown): boolean {
  if (!Object.hasOwn(type, "brand")) return Function.prototype[Symbol.hasInstance].call(type, value);
  const name = (type as { brand: string }).brand;
  return typeof value === "object" && value !== null && ((value as Branded)[brand]?.has(name) ?? false);
}
