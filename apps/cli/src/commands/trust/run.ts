import type { X509Certificate } from "node:crypto";
import { canAsk, confirm } from "../../run/ask.ts";
import { CliError, notFoundError, usageError, exitCodes } from "../../process/cli-error.ts";
import { listingHead, listingRow } from "../../output/listing.ts";
import { printable } from "../../output/printable.ts";
import type { Run } from "../../run/run-command.ts";
import { describeCertificates, trustedFrom, trustQuestion } from "../../connection/confirm-certificate.ts";
import { seeCertificates } from "../../connection/server-certificate.ts";
import { parseServer, parseThumbprint } from "../../settings/parse-values.ts";
import { proxyOfKept } from "../../settings/read-settings.ts";
import { hostOf, readPin, readPins, removePin, savePin } from "../../state/pin-store.ts";
import type { Pin } from "../../state/pin-store.ts";
import type { TrustFlags } from "./command.ts";

type Verb = (host: string | undefined, flags: TrustFlags, run: Run) => Promise<void>;

/** `carrel trust HOST`, `carrel trust ls` and `carrel trust rm HOST`. */
export const runTrust: Readonly<Record<"add" | "ls" | "rm", Verb>> = { add, ls, rm };

async function add(host: string | undefined, flags: TrustFlags, run: Run): Promise<void> {
  const { screen, signal, io } = run;
  const { env } = io;
  const address = host ?? env["VSPHERE_SERVER"]?.trim();
  if (!address) throw usageError("No server given", "Run carrel trust HOST, or set VSPHERE_SERVER.");
  const server = parseServer(address);
  if (flags.json && flags.yes !== true && flags.thumbprint === undefined) {
    throw usageError("Cannot ask a question with --json", "Pass --thumbprint FINGERPRINT, or --yes.");
  }
  if (server.protocol === "http:") throw usageError("No certificate with http://: only https:// servers have one");
  const wanted = flags.thumbprint === undefined ? undefined : parseThumbprint(flags.thumbprint);
  const seen = await seeCertificates(server, { proxy: await proxyOfKept(server, env), signal });
  const [certificate] = seen.chain;
  if (!certificate) throw new CliError(`${server.host} presents no certificate`, { exitCode: exitCodes.certificate });

  if (!flags.json) for (const line of describeCertificates(seen)) screen.printSentence(line);
  const matches = wanted === certificate.fingerprint256 || wanted === certificate.fingerprint;
  const before = await readPin(env, server);
  if (wanted !== undefined && !matches) {
    throw new CliError(`The certificate of ${server.host} does not have the fingerprint ${wanted}`, {
      exitCode: exitCodes.certificate,
      hints: ["Nothing was changed.", ...(before ? [`Trusted since ${before.since}: ${before.sha256}`] : [])],
    });
  }
  const trusted = (since: string): void =>
    screen.printJson({ type: "trusted", host: hostOf(server), fingerprint: certificate.fingerprint256, since });
  if (before?.sha256 === certificate.fingerprint256) {
    if (flags.json) return trusted(before.since);
    screen.print(printable(`Already trusted for ${hostOf(server)} since ${before.since}.`));
    return;
  }
  if (before && !matches) {
    const changed = changedError(server, before, certificate);
    // A script must not replace what was trusted before, whatever it answers to questions.
    if (flags.yes === true || !canAsk(io)) throw changed;
    screen.note(changed.message);
    screen.note(`  Trusted: SHA-256 ${before.sha256}`);
    screen.note(`  Seen:    SHA-256 ${certificate.fingerprint256}`);
  }
  const question = trustQuestion(server, before ? " from now on" : "");
  if (!matches && flags.yes !== true && !(await confirm(question, "--yes or --thumbprint", run))) {
    const exitCode = before ? exitCodes.certificate : exitCodes.failed;
    throw new CliError("Certificate not trusted: nothing was changed", { exitCode });
  }
  const since = new Date().toISOString();
  await savePin(env, { host: hostOf(server), sha256: certificate.fingerprint256, since });
  if (flags.json) return trusted(since);
  screen.print(trustedFrom(server));
}

function changedError(server: URL, before: Pin, certificate: X509Certificate): CliError {
  return new CliError(`This is NOT the certificate trusted for ${hostOf(server)} since ${before.since}`, {
    exitCode: exitCodes.certificate,
    hints: [
      `Trusted: SHA-256 ${before.sha256}`,
      `Seen:    SHA-256 ${certificate.fingerprint256}`,
      "The server may have a new certificate, or somebody may be intercepting the connection. Nothing was changed.",
      "If the one seen is the right server's (ask its administrator), trust it by its fingerprint:",
      `  carrel trust ${server.host} --thumbprint ${certificate.fingerprint256}`,
      `Or forget the old one first: carrel trust rm ${server.host}`,
    ],
  });
}

async function ls(_host: string | undefined, flags: TrustFlags, { io, screen }: Run): Promise<void> {
  const columns = [
    { title: "HOST", width: 32 },
    { title: "SINCE", width: 24 },
    { title: "SHA-256", width: 95 },
  ];
  const pins = await readPins(io.env);
  if (flags.json) {
    for (const { host, since, sha256: fingerprint } of pins)
      screen.printJson({ type: "trusted", host, fingerprint, since });
    return;
  }
  if (pins.length === 0) {
    screen.note("No certificate is trusted with carrel trust.");
    return;
  }
  screen.print(listingHead(columns));
  for (const { host, since, sha256 } of pins) screen.print(listingRow(columns, [host, since, sha256].map(printable)));
}

async function rm(host: string | undefined, flags: TrustFlags, { io, screen }: Run): Promise<void> {
  const server = parseServer(host ?? "");
  if (!(await removePin(io.env, server))) {
    throw notFoundError(`No certificate is trusted for ${hostOf(server)}`, "List what exists: carrel trust ls");
  }
  if (flags.json) screen.printJson({ type: "removed", host: hostOf(server) });
  else screen.print(`No longer trusted: ${hostOf(server)}`);
}
