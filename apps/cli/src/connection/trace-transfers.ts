import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { TransferMessages } from "@carrel/node-stream";

type Describe<Name extends keyof TransferMessages> = (message: TransferMessages[Name]) => string | undefined;

/** Traces the transfers of this process, a line for each event, until disposed. Contains no secrets. */
export function traceTransfers(trace: (text: string) => void): Disposable {
  const names = new Map<number, string>();
  const origins = new Map<number, string>();
  const listeners: (readonly [string, (message: unknown) => void])[] = [];
  const on = <Name extends keyof TransferMessages>(name: Name, describe: Describe<Name>): void => {
    const listener = (message: unknown): void => {
      const known = message as TransferMessages[Name];
      const text = describe(known);
      if (text !== undefined) trace(`transfer ${known.transfer}, ${names.get(known.transfer) ?? "a file"}: ${text}`);
    };
    subscribe(name, listener);
    listeners.push([name, listener]);
  };

  on("carrel:transfer:start", ({ transfer, fileName, startByte }) => {
    if (fileName !== undefined) names.set(transfer, JSON.stringify(fileName));
    return `starts at byte ${startByte}`;
  });
  // Once for a transfer, not for each of its parts.
  on("carrel:transfer:response", ({ transfer, origin, status }) => {
    const from = `${status} from ${origin}`;
    if (origins.get(transfer) === from) return undefined;
    origins.set(transfer, from);
    return `answered ${from}`;
  });
  on("carrel:transfer:resume", ({ fromByte, failures, delayMs, cause }) => {
    return `resumes at byte ${fromByte} in ${Math.round(delayMs)} ms, interruption ${failures} in a row: ${cause.message}`;
  });
  on("carrel:transfer:verified", ({ sizeBytes, fetchedBytes, verifiedBy, resumes }) => {
    return `ends with ${sizeBytes} bytes, ${fetchedBytes} of them received, verified by ${verifiedBy}, interruptions: ${resumes}`;
  });
  on("carrel:transfer:error", ({ atByte, error }) => {
    return `ends at byte ${atByte}: ${typeof error === "string" ? error : error.message}`;
  });
  return {
    [Symbol.dispose]() {
      for (const [name, listener] of listeners) unsubscribe(name, listener);
    },
  };
}
