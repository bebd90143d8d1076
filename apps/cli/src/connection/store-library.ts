import { rootCertificates } from "node:tls";
import { defined } from "@carrel/core/kit";
import { TransferError } from "@carrel/core";
import { ConnectionPool } from "@carrel/node-stream";
import type { LeasedEndpoint } from "@carrel/node-stream";
import type { S3Place } from "@carrel/s3";
import { VcspError } from "@carrel/vcsp";
import { openSubscriptionOf } from "@carrel/vcsp/subscribe";
import type { EndpointQuery, LibraryFiles } from "@carrel/vcsp/subscribe";
import { openPlace } from "./open-store.ts";
import { PublishedCatalog } from "../names/published-catalog.ts";
import { printable } from "../output/printable.ts";
import { CliError, exitCodes } from "../process/cli-error.ts";
import type { Run } from "../run/run-command.ts";
import type { ConnectionFlags } from "../settings/connection-settings.ts";
import { readStoreSettings, refuseServerFlags } from "../settings/store-settings.ts";
import type { StoreFlags } from "../settings/store-options.ts";
import type { PublishedConnection } from "./published-library.ts";
import { traceTransfers } from "./trace-transfers.ts";

/**
 * Reads a library that is published in an object store.
 *
 * @param address - Of its `lib.json`.
 * @throws {@link CliError} exit code 4: there is no library. 2: a flag has no effect there.
 */
export async function openStoreLibrary(
  address: string,
  flags: ConnectionFlags & StoreFlags,
  run: Run,
): Promise<PublishedConnection> {
  refuseServerFlags(flags);
  const { signal } = run;
  const slash = address.lastIndexOf("/");
  const place = await openPlace(address.slice(0, slash), flags, run);
  const { ca } = await readStoreSettings(flags, run.io.env);
  const pool = new ConnectionPool(defined({ ca: ca === undefined ? undefined : [...rootCertificates, ca] }));
  const traces = run.verbose ? traceTransfers((text) => run.trace(text)) : undefined;
  const close = async (): Promise<void> => {
    traces?.[Symbol.dispose]();
    await pool[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  };
  const files = new StoreFiles(place, pool);
  const path = address.slice(slash + 1);
  const subscription = await openSubscriptionOf(files, { path, signal, close }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw explained(error);
  });
  return {
    client: new PublishedCatalog(subscription, { origin: files.origin, address }),
    pool,
    subscription,
    hasAnswered: true,
    [Symbol.asyncDispose]: () => subscription[Symbol.asyncDispose](),
  };
}

/** The files of a library in an object store: small ones by the SDK, and others by transfers from URLs that it signs. */
class StoreFiles implements LibraryFiles {
  readonly origin: string;
  readonly pool: ConnectionPool;
  readonly #place: S3Place;

  constructor(place: S3Place, pool: ConnectionPool) {
    this.origin = /^s3:\/\/[^/]*/u.exec(place.label)?.[0] ?? place.label;
    this.pool = pool;
    this.#place = place;
  }

  async endpoint(path: string, { cause }: EndpointQuery): Promise<LeasedEndpoint> {
    if (cause instanceof TransferError && cause.problem === "refused") {
      throw cause.status === 404 ? this.#notFound(path, cause) : cause;
    }
    const uri = await this.#place.signedUrl(path);
    return { endpoint: { uri }, clientOrigin: new URL(uri).origin };
  }

  async text(path: string, { limitBytes }: { readonly limitBytes: number }): Promise<string> {
    const file = await this.#place.read(path);
    if (file === undefined) throw this.#notFound(path);
    if (file.text.length <= limitBytes) return file.text;
    const what = `Cannot read "${this.urlOf(path)}": it is longer than ${limitBytes} bytes`;
    throw new VcspError(what, { problem: "unreadable", path });
  }

  urlOf(path: string): string {
    return `${this.#place.label}/${path}`;
  }

  #notFound(path: string, cause?: TransferError): VcspError {
    return new VcspError(`The store has no "${this.urlOf(path)}"`, {
      problem: "not-found",
      path,
      ...defined({ cause }),
    });
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof VcspError)) return error;
  const isMissing = error.problem === "not-found";
  const hints = isMissing
    ? [
        "To publish what is there: carrel publish s3://BUCKET/PREFIX",
        "An item of a library is written s3://BUCKET/PREFIX/lib.json/ITEM",
      ]
    : ["Only the publisher can correct it."];
  const exitCode = isMissing ? exitCodes.notFound : exitCodes.failed;
  return new CliError(printable(error.message), { exitCode, hints, cause: error });
}
