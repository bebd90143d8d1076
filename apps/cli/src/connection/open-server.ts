import type { PublishedTargets } from "../names/library-url.ts";
import { inLibrary } from "../names/library-url.ts";
import type { PathPattern } from "../names/parse-target.ts";
import { isStore } from "../output/place-path.ts";
import type { Run } from "../run/run-command.ts";
import type { ConnectionFlags } from "../settings/connection-settings.ts";
import type { StoreFlags } from "../settings/store-options.ts";
import type { Asking } from "./confirm-certificate.ts";
import { openConnection } from "./connect.ts";
import type { Connection } from "./connect.ts";
import type { PublishedConnection } from "./published-library.ts";

/** Connects to a vCenter, or reads the published library that paths are in. What that takes is loaded only where there is one. */
export async function openServer(
  published: PublishedTargets | undefined,
  flags: ConnectionFlags & StoreFlags & Asking,
  run: Run,
): Promise<Connection | PublishedConnection> {
  if (published === undefined) return await openConnection(flags, run);
  const { address } = published;
  if (isStore(address)) {
    const { openStoreLibrary } = await import("./store-library.ts");
    return await openStoreLibrary(address, flags, run);
  }
  const { openPublished } = await import("./published-library.ts");
  return await openPublished(new URL(address), flags, run);
}

/** The patterns, with the library that was opened in them where it is a published one. */
export function resolvedPatterns<T extends PathPattern>(
  patterns: readonly T[],
  server: Connection | PublishedConnection,
): readonly T[] {
  return "subscription" in server ? inLibrary(patterns, server.subscription.library.id) : patterns;
}
