import { channel } from "node:diagnostics_channel";
import type { Channel } from "node:diagnostics_channel";
import { CarrelError } from "@carrel/core";
import type { CarrelErrorJson } from "@carrel/core";
import type { TransferFacts } from "./transfer-options.ts";

/**
 * What is published of transfers, by the name of its `node:diagnostics_channel`. Nothing secret is in it.
 * `transfer` tells the transfers of one process apart; sizes and positions are in bytes, times in milliseconds.
 */
export interface TransferMessages {
  /** A stream began to ask for its bytes. */
  readonly "carrel:transfer:start": {
    readonly transfer: number;
    readonly fileName?: string;
    readonly startByte: number;
  };
  /** A request was answered. */
  readonly "carrel:transfer:answer": {
    readonly transfer: number;
    readonly origin: string;
    readonly status: number;
    readonly fromByte: number;
    readonly ranged: boolean;
  };
  /** A transfer broke and goes on after a wait. */
  readonly "carrel:transfer:resume": {
    readonly transfer: number;
    readonly fromByte: number;
    readonly failures: number;
    readonly delayMs: number;
    readonly cause: CarrelErrorJson;
  };
  /** All bytes are there and checked. */
  readonly "carrel:transfer:verified": { readonly transfer: number } & TransferFacts;
  /** A stream failed, or was destroyed before its end. */
  readonly "carrel:transfer:error": {
    readonly transfer: number;
    readonly atByte: number;
    readonly error: CarrelErrorJson | string;
  };
}

const channels = new Map<string, Channel>();

/** Publishes where somebody listens; `message` is made only then. */
export function publish<Name extends keyof TransferMessages>(name: Name, message: () => TransferMessages[Name]): void {
  let found = channels.get(name);
  if (found === undefined) channels.set(name, (found = channel(name)));
  if (found.hasSubscribers) found.publish(message());
}

/** An error as it may be published. */
export function publicError(error: unknown): CarrelErrorJson | string {
  if (error instanceof CarrelError) return error.toJSON();
  if (error === null) return "Destroyed";
  return error instanceof Error ? error.name : "Error";
}
