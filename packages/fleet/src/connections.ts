import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { MirrorPlace } from "@carrel/mirror/items";
import { quote } from "@carrel/node-stream/fs";
import type { FleetDocument, FleetMirror, FleetVcenter } from "./document.ts";
import { FleetError } from "./errors.ts";
import type { FleetConnection, FleetOptions } from "./fleet.ts";

interface Connected {
  readonly vcenter: FleetVcenter;
  readonly connection: Promise<FleetConnection>;
}

/** Connections to vCenters, one each, opened when they are needed. */
export class Connections implements AsyncDisposable {
  readonly #clientFor: FleetOptions["clientFor"];
  readonly #connected = new Map<string, Connected>();
  readonly #old: Promise<FleetConnection>[] = [];

  constructor(clientFor: FleetOptions["clientFor"]) {
    this.#clientFor = clientFor;
  }

  /** Returns the connection to a vCenter, as the document describes it now. */
  async to(name: string, { vcenters }: FleetDocument): Promise<FleetConnection> {
    const vcenter = vcenters[name];
    if (vcenter === undefined) throw notFound("vCenter", name);
    const known = this.#connected.get(name);
    if (known !== undefined && isDeepStrictEqual(known.vcenter, vcenter)) return await known.connection;
    if (known !== undefined) this.#old.push(known.connection);
    const connection = this.#clientFor(name, vcenter);
    this.#connected.set(name, { vcenter, connection });
    try {
      return await connection;
    } catch (error) {
      if (this.#connected.get(name)?.connection === connection) this.#connected.delete(name);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#old, ...[...this.#connected.values()].map(({ connection }) => connection)];
    this.#connected.clear();
    const opened = await Promise.allSettled(all);
    const connections = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    await Promise.allSettled(connections.map(async (each) => await each[Symbol.asyncDispose]()));
  }
}

/** Makes the error for a name that the document does not have. */
export function notFound(kind: string, name: string): FleetError {
  return new FleetError(`The fleet has no ${kind} ${quote(name)}`, { problem: "not-found" });
}

/** Returns the place of a mirror, as it is opened for one piece of work. */
export async function placeOfMirror(
  { target: name, prefix = "" }: Pick<FleetMirror, "target" | "prefix">,
  { targets }: FleetDocument,
  placeFor: FleetOptions["placeFor"],
): Promise<string | MirrorPlace> {
  const target = targets[name];
  if (target === undefined) throw notFound("target", name);
  const place = await placeFor(name, target);
  return "directory" in place ? join(place.directory, prefix) : place.placeAt(prefix);
}
