import { lookup } from "node:dns/promises";
import { performance } from "node:perf_hooks";
import { systemClock } from "@carrel/core";
import { withinTime } from "@carrel/core/kit";
import { tryPort, tryTunnel } from "@carrel/node-stream/tls";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import { proxyAdvice } from "../../run/advice.ts";
import { seeCertificates } from "../../connection/server-certificate.ts";
import type { ServerSettings } from "../../settings/connection-settings.ts";
import { hostOf } from "../../state/pin-store.ts";
import type { CheckResult } from "./checklist.ts";

const dayMs = 24 * 3600 * 1000;
const limitMs = 15_000;

/** Resolves the name of the server, or of the proxy: the one that this machine connects to. */
export async function resolveHost(server: URL, proxy: URL | undefined): Promise<CheckResult<true>> {
  const { hostname, host } = proxy ?? server;
  try {
    const found = await lookup(bare(hostname), { all: true });
    const addresses = found.map(({ address }) => address).join(", ");
    return { message: `${proxy ? "the proxy " : ""}${host} is ${addresses}`, value: true };
  } catch (cause) {
    if (!proxy) throw failure(`${hostname} cannot be resolved`, cause, "Check the name, and the DNS of this machine.");
    throw failure(`The proxy ${hostname} cannot be resolved`, cause, ...proxyAdvice.unreachable);
  }
}

/** Connects to the port of the server, or of the proxy. */
export async function connectTcp(server: URL, proxy: URL | undefined, signal: AbortSignal): Promise<CheckResult<true>> {
  const { protocol, port: given, hostname } = proxy ?? server;
  const started = performance.now();
  const late = (): Error => new Error(`no answer within ${limitMs / 1000} s`);
  const port = Number(given || (protocol === "http:" ? 80 : 443));
  try {
    await withinTime(systemClock, limitMs, late, signal, (limited) => tryPort(bare(hostname), port, limited));
    const ms = Math.max(1, Math.round(performance.now() - started));
    return { message: `port ${port}${proxy ? " of the proxy" : ""} answers in ${ms} ms`, value: true };
  } catch (cause) {
    signal.throwIfAborted();
    const hints = proxy
      ? proxyAdvice.unreachable
      : ["Check the firewalls on the way. If there is a proxy, name it in HTTPS_PROXY."];
    throw failure(`Port ${port} of ${proxy ? "the proxy " : ""}${hostname} cannot be reached`, cause, ...hints);
  }
}

/** Has the proxy open a tunnel to the server. */
export async function crossProxy(
  { server, proxy }: ServerSettings,
  { origin }: URL,
  signal: AbortSignal,
): Promise<CheckResult<true>> {
  const late = (): CliError =>
    failure(`The proxy ${origin} did not answer within ${limitMs / 1000} s`, undefined, ...proxyAdvice.unreachable);
  await withinTime(systemClock, limitMs, late, signal, (limited) => tryTunnel(server, limited, proxy));
  return { message: `${origin} accepts connections to ${hostOf(server)}`, value: true };
}

/** Reads the certificate, and checks whether the settings accept it. */
export async function inspectTls(settings: ServerSettings, signal: AbortSignal): Promise<CheckResult<true>> {
  const { server, thumbprint, ca, proxy: given } = settings;
  if (server.protocol === "http:") {
    const hints = ["Use https://: over http:// others on the network can read the password and the files."];
    return { status: "warning", message: "not used", hints, value: true };
  }
  const { chain, problem, protocol, proxy } = await seeCertificates(server, { ca, proxy: given, signal });
  const [certificate] = chain;
  if (!certificate)
    throw failure(`${server.host} presents no certificate`, undefined, "Check that the address is a vCenter's.");
  const { fingerprint256, fingerprint } = certificate;
  const pinned = thumbprint !== undefined && [fingerprint256, fingerprint].includes(thumbprint);
  const between =
    proxy === undefined ? [] : [`Seen through the proxy ${proxy}, which may present a certificate of its own.`];
  const trust = [`  carrel trust ${server.host}`, "Or name the certificate of the authority that signed it: --ca FILE"];
  if (!pinned) {
    const pin = `is not the pinned one, ${thumbprint}`;
    const why = thumbprint === undefined ? problem : pin;
    if (why !== undefined) {
      throw new CliError(`Certificate not accepted: it ${why}; seen: SHA-256 ${fingerprint256}`, {
        exitCode: exitCodes.certificate,
        hints: [...between, "If it is the right server's (ask its administrator), trust it:", ...trust],
      });
    }
  }
  const known = pinned ? `is pinned${settings.thumbprintFrom === "trust" ? " by carrel trust" : ""}` : "validates";
  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / dayMs);
  const message = `${protocol}, the certificate ${known}, SHA-256 ${fingerprint256}`;
  if (days < 30) {
    const hints = [
      `It ${days < 0 ? "expired" : "expires"} on ${certificate.validTo}: a new certificate needs a new pin.`,
    ];
    return { status: "warning", message, hints, value: true };
  }
  return { message, value: true };
}

function failure(message: string, cause: unknown, ...hints: readonly string[]): CliError {
  const why = cause instanceof Error ? ` (${(cause as NodeJS.ErrnoException).code ?? cause.message})` : "";
  return new CliError(`${message}${why}`, { exitCode: exitCodes.failed, hints, cause });
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/u, "$1");
}
