import { CarrelError, CertificateError, TransferError } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { ConnectionPool } from "@carrel/node-stream";
import { openSubscription } from "@carrel/vcsp/subscribe";
import type { Subscription, SubscriptionOptions, SubscriptionPassword } from "@carrel/vcsp/subscribe";
import { PublishedCatalog } from "../names/published-catalog.ts";
import { printable } from "../output/printable.ts";
import { CliError, exitCodeOf, exitCodes } from "../process/cli-error.ts";
import { askSecret } from "../run/ask.ts";
import { networkAdviceFor } from "../run/advice.ts";
import type { Run } from "../run/run-command.ts";
import type { ConnectionFlags, ServerSettings } from "../settings/connection-settings.ts";
import { howToSetPassword, readLibrarySettings, subscriptionPassword } from "../settings/library-settings.ts";
import { confirmCertificate } from "./confirm-certificate.ts";
import type { Asking } from "./confirm-certificate.ts";
import { traceTransfers } from "./trace-transfers.ts";

/** A published library, and the connections of its transfers. Disposal closes them. */
export interface PublishedConnection extends AsyncDisposable {
  readonly client: PublishedCatalog;
  readonly pool: ConnectionPool;
  readonly subscription: Subscription;
  readonly hasAnswered: boolean;
}

/**
 * Reads a published library. Asks for its password at a terminal where the server requires one and none is at hand.
 * @throws {@link CliError} exit code 3: the password is wrong or missing. 4: there is no library. 6: the certificate. 2: a flag.
 */
export async function openPublished(url: URL, flags: ConnectionFlags & Asking, run: Run): Promise<PublishedConnection> {
  const { io, signal } = run;
  const settings = await readLibrarySettings(url, flags, io.env);
  const traces = run.verbose ? traceTransfers((text) => run.trace(text)) : undefined;
  const open = (used: ServerSettings): Promise<Subscription> => {
    const { thumbprint, ca, proxy } = used;
    const options: SubscriptionOptions = defined({ thumbprint, ca, proxy, signal, password: passwordOf(url, run) });
    return openSubscription(url, options);
  };
  try {
    const subscription = await open(settings).catch(async (error: unknown) => {
      return open(await confirmCertificate(error, settings, flags, run));
    });
    const client = new PublishedCatalog(subscription, { origin: url.origin, address: url.href });
    return {
      client,
      pool: subscription.pool,
      subscription,
      hasAnswered: true,
      async [Symbol.asyncDispose]() {
        traces?.[Symbol.dispose]();
        await subscription[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    traces?.[Symbol.dispose]();
    signal.throwIfAborted();
    throw explained(error, url);
  }
}

function passwordOf(url: URL, run: Run): SubscriptionPassword | undefined {
  const { io, signal } = run;
  const source = subscriptionPassword(io.env);
  const canAsk = io.stdin.isTTY && io.stderr.isTTY;
  if (source === undefined && !canAsk) return undefined;
  return async () => {
    if (url.protocol === "http:") run.warn("http:// sends the password unencrypted: use https:// if the server has it");
    return source === undefined ? await askSecret(`Password of vcsp at ${url.host}: `, run) : await source.read(signal);
  };
}

/** What went wrong, with advice for a library: that for vCenters would be about other settings. */
function explained(error: unknown, url: URL): unknown {
  if (!(error instanceof CarrelError)) return error;
  const { problem } = error.toJSON();
  if (error.code === "VCSP") {
    if (problem === "login") return withHints(error, exitCodes.authentication, [howToSetPassword]);
    if (problem === "not-found") return withHints(error, exitCodes.notFound, [whereLibraries]);
    return withHints(error, exitCodes.failed, ["Only the publisher can correct it."]);
  }
  if (error instanceof CertificateError) {
    const { seen } = error;
    if (seen === undefined) return error;
    return withHints(error, exitCodes.certificate, [
      "If the fingerprint seen is the right server's (ask its administrator), trust it:",
      `  carrel trust ${printable(url.host)}`,
      `  or: --thumbprint ${seen.sha256}`,
      "Or name the certificate of the authority that signed it: --ca FILE",
    ]);
  }
  if (error instanceof TransferError) {
    return withHints(error, exitCodeOf(error.code), networkAdviceFor(error) ?? [howToReach, whereLibraries]);
  }
  return error;
}

const howToReach = "Check that the server is running, and that the network and any proxy let requests through.";
const whereLibraries = "Check the address: a published library is https://HOST/PATH/lib.json.";

function withHints(cause: CarrelError, exitCode: number, hints: readonly string[]): CliError {
  return new CliError(cause.message, { exitCode, hints, cause });
}
