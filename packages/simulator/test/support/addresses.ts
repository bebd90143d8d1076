import type { Simulator } from "../../src/index.ts";

/** A path on the simulator. */
export function at(simulator: Simulator, path: string): URL {
  return new URL(path, simulator.url);
}

/** `Authorization` header for the simulator's credentials. */
export function basic({ credentials }: Simulator): Record<string, string> {
  const text = `${credentials.username}:${credentials.password}`;
  return { authorization: `Basic ${Buffer.from(text).toString("base64")}` };
}
