import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import { presentedCertificates } from "../server-certificate.ts";
import type { ServerSettings } from "../settings/connection-settings.ts";
import type { Finding } from "./examination.ts";

interface Step<T> {
  readonly finding: Finding;
  readonly value: T;
}

const DAY_MS = 24 * 3600 * 1000;

/** Resolves the server's name. */
export async function resolveHost({ hostname, host }: URL): Promise<Step<true>> {
  try {
    const found = await lookup(hostname.replace(/^\[(.*)\]$/u, "$1"), { all: true });
    return { finding: { text: `${host} is ${found.map(({ address }) => address).join(", ")}` }, value: true };
  } catch (cause) {
    throw failure(`${hostname} cannot be resolved.`, cause, "Check the name, and the DNS of this machine.");
  }
}

/** Connects to the server's port. */
export async function connectTcp(server: URL, signal: AbortSignal): Promise<Step<true>> {
  const started = performance.now();
  const port = Number(server.port || (server.protocol === "http:" ? 80 : 443));
  const socket = connect({ host: server.hostname.replace(/^\[(.*)\]$/u, "$1"), port });
  try {
    await once(socket, "connect", { signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]) });
    const ms = Math.max(1, Math.round(performance.now() - started));
    return { finding: { text: `port ${port} answers in ${ms} ms` }, value: true };
  } catch (cause) {
    signal.throwIfAborted();
    const hint = "Is a firewall in between? Behind a proxy (HTTPS_PROXY) this may fail and all else work.";
    throw failure(`Port ${port} of ${server.hostname} cannot be reached.`, cause, hint);
  } finally {
    socket.destroy();
  }
}

/** Looks at the certificate, and whether the settings accept it. */
export async function inspectTls(settings: ServerSettings, signal: AbortSignal): Promise<Step<true>> {
  const { server, thumbprint, ca } = settings;
  if (server.protocol === "http:") {
    const advice = ["Use https://: with http:// the password and the files can be read on the way."];
    return { finding: { status: "warning", text: "not used", advice }, value: true };
  }
  const { chain, problem, protocol } = await presentedCertificates(server, { ca, signal });
  const [certificate] = chain;
  if (!certificate) throw failure(`${server.host} shows no certificate.`, undefined, "Is it a vCenter?");
  const { fingerprint256, fingerprint } = certificate;
  const pinned = thumbprint !== undefined && [fingerprint256, fingerprint].includes(thumbprint);
  const trust = [`carrel trust ${server.host}`, "or --ca FILE with the certificate of the authority that signed it"];
  if (!pinned) {
    const why = thumbprint === undefined ? problem : `it is not the pinned one, ${thumbprint}`;
    if (why !== undefined) {
      throw new CliError(`The certificate is not accepted: ${why}. Seen: SHA-256 ${fingerprint256}`, {
        exitCode: exitCodes.certificate,
        hints: ["If it is the right server's:", ...trust],
      });
    }
  }
  const known = pinned ? `pinned${settings.thumbprintFrom === "trust" ? " by carrel trust" : ""}` : "validates";
  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY_MS);
  const text = `${protocol}, the certificate ${known}, SHA-256 ${fingerprint256}`;
  if (days < 30) {
    const advice = [`It ${days < 0 ? "expired" : "expires"} on ${certificate.validTo}: a new one needs a new pin.`];
    return { finding: { status: "warning", text, advice }, value: true };
  }
  return { finding: { text }, value: true };
}

function failure(message: string, cause: unknown, hint: string): CliError {
  const why = cause instanceof Error ? ` (${(cause as NodeJS.ErrnoException).code ?? cause.message})` : "";
  return new CliError(message.replace(/\.$/u, `${why}.`), { exitCode: exitCodes.failed, hints: [hint], cause });
}
