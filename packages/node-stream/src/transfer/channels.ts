import { channel } from "node:diagnostics_channel";
import type { Channel } from "node:diagnostics_channel";
import { CarrelError } from "@carrel/core";
import type { CarrelErrorJson } from "@carrel/core";
import type { TransferFacts } from "@carrel/core/transfer";

/**
 * What is published about transfers, by the name of its `node:diagnostics_channel`. Contains nothing secret.
 * `transfer` distinguishes the transfers of one process; sizes and positions are in bytes, times in milliseconds.
 */
export interface TransferMessages {
  /** A stream began to request its bytes. */
  readonly "carrel:transfer:start": {
    readonly transfer: number;
    readonly fileName?: string;
    readonly startByte: number;
  };
  /** The head of a response arrived. */
  readonly "carrel:transfer:response": {
    readonly transfer: number;
    readonly origin: string;
    readonly status: number;
    readonly fromByte: number;
    readonly ranged: boolean;
  };
  /** A transfer was interrupted and resumes after a delay. */
  readonly "carrel:transfer:resume": {
    readonly transfer: number;
    readonly fromByte: number;
    readonly failures: number;
    readonly delayMs: number;
    readonly cause: CarrelErrorJson;
  };
  /** All bytes have arrived and are verified. */
  readonly "carrel:transfer:verified": { readonly transfer: number } & TransferFacts;
  /** A stream failed, or was destroyed before its end. */
  readonly "carrel:transfer:error": {
    readonly transfer: number;
    readonly atByte: number;
    readonly error: CarrelErrorJson | string;
  };
}

const channels = new Map<string, Channel>();

/** Publishes where there are subscribers; `message` is called only then. */
export function publish<Name extends keyof TransferMessages>(name: Name, message: () => TransferMessages[Name]): void {
  let known = channels.get(name);
  if (known === undefined) channels.set(name, (known = channel(name)));
  if (known.hasSubscribers) known.publish(message());
}

/** An error in the form in which it may be published. */
export function publicError(error: unknown): CarrelErrorJson | string {
  if (error instanceof CarrelError) return error.toJSON();
  if (error === null) return "Destroyed";
  return error instanceof Error ? error.name : "Error";
}
