import type { Client } from "pg";
import { systemClock } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import { FleetError } from "../errors.ts";
import type { SlotOptions, VcenterSlots } from "./slots.ts";

/** How long the session may be silent before the server ends it, and with it all slots that it holds. */
const leaseMs = 30_000;
const pingMs = 5_000;
/** Who has not reached the server for this long gives its slots up by itself, before the server gives them to others. */
const giveUpMs = 20_000;
const shortestWaitMs = 150;
const longestWaitMs = 450;

interface HeldSlot {
  readonly onLost: (error: Error) => void;
}

/**
 * Slots as advisory locks of one PostgreSQL session, so that a worker that was killed has none any more, and one that is paused or
 * cut off has none after half a minute. Locks of a session are reentrant, hence the own book of what is held.
 */
export class SessionSlots implements VcenterSlots {
  readonly #connect: () => Promise<Client>;
  readonly #held = new Map<string, HeldSlot>();
  #client: Client | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #released = Promise.withResolvers<void>();
  #cancelLease: (() => void) | undefined;
  #pinging = new AbortController();

  constructor(connect: () => Promise<Client>) {
    this.#connect = connect;
  }

  async acquire(vcenter: string, limit: number, { signal, onLost }: SlotOptions): Promise<() => void> {
    for (;;) {
      signal.throwIfAborted();
      const slot = await this.#inTurn(() => this.#take(vcenter, limit, onLost)).catch(() => undefined);
      if (slot !== undefined) {
        const release = (): void => void this.#inTurn(() => this.#release(vcenter, slot, onLost));
        if (!signal.aborted) return release;
        release();
        throw signal.reason;
      }
      // Not all at the same moment, or some would wait much longer than others.
      const waitMs = shortestWaitMs + Math.random() * (longestWaitMs - shortestWaitMs);
      await Promise.race([sleep(systemClock, waitMs, signal), this.#released.promise]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last.catch(() => undefined);
    const client = this.#client;
    this.#client = undefined;
    this.#stopWatching();
    await client?.end().catch(() => undefined);
  }

  /** Takes the first slot that is free; `undefined` if none is. */
  async #take(vcenter: string, limit: number, onLost: HeldSlot["onLost"]): Promise<number | undefined> {
    const client = await this.#open();
    const own = Array.from({ length: limit }, (_, slot) => slot).filter((slot) => this.#held.has(keyOf(vcenter, slot)));
    const { rows } = await client.query<{ slot: number }>(
      `select slot from generate_series(0, $2::int - 1) as slot
       where slot <> all($3::int[]) and pg_try_advisory_lock(hashtext($1), slot) limit 1`,
      [`carrel fleet ${vcenter}`, limit, own],
    );
    if (client !== this.#client) return undefined;
    this.#renewLease(client);
    const slot = rows[0]?.slot;
    if (slot !== undefined) this.#held.set(keyOf(vcenter, slot), { onLost });
    return slot;
  }

  async #release(vcenter: string, slot: number, onLost: HeldSlot["onLost"]): Promise<void> {
    const key = keyOf(vcenter, slot);
    // It was lost, and another transfer of this worker may have it since.
    if (this.#held.get(key)?.onLost !== onLost) return;
    const client = this.#client;
    try {
      await client?.query("select pg_advisory_unlock(hashtext($1), $2::int)", [`carrel fleet ${vcenter}`, slot]);
    } catch (error) {
      // Whether it is free is not known: the end of the session frees it.
      if (client !== undefined) this.#lose(client, error);
    }
    if (this.#held.get(key)?.onLost === onLost) this.#held.delete(key);
    this.#released.resolve();
    this.#released = Promise.withResolvers<void>();
  }

  async #open(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    const client = await this.#connect();
    await client.query(`set idle_session_timeout = ${leaseMs}`);
    client.on("error", (error) => this.#lose(client, error));
    client.on("end", () => this.#lose(client, undefined));
    this.#client = client;
    this.#renewLease(client);
    this.#pinging = new AbortController();
    void this.#ping(client, this.#pinging.signal);
    return client;
  }

  async #ping(client: Client, signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await sleep(systemClock, pingMs, signal, { background: true });
        await client.query("select 1");
        if (client === this.#client) this.#renewLease(client);
      }
    } catch (error) {
      if (!signal.aborted) this.#lose(client, error);
    }
  }

  /** A machine that slept, or a process that was paused, finds out here, before it asks the server. */
  #renewLease(client: Client): void {
    this.#cancelLease?.();
    this.#cancelLease = systemClock.schedule(giveUpMs, () => this.#lose(client, undefined), { background: true });
  }

  #lose(client: Client, cause: unknown): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#stopWatching();
    const held = [...this.#held.values()];
    this.#held.clear();
    const error = new FleetError("The session that holds the slots of vCenters was lost", {
      problem: "lost-claim",
      cause,
    });
    for (const { onLost } of held) onLost(error);
    void client.end().catch(() => undefined);
  }

  #stopWatching(): void {
    this.#cancelLease?.();
    this.#pinging.abort();
  }

  /** One query at a time: what is held must not change between reading the book and the answer. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function keyOf(vcenter: string, slot: number): string {
  return `${vcenter}#${slot}`;
}
