import type { X509Certificate } from "node:crypto";
import { CertificateError } from "@carrel/core";
import { printable } from "../output/printable.ts";
import { CliError, exitCodes } from "../process/cli-error.ts";
import { canAsk, confirm } from "../run/ask.ts";
import type { Run } from "../run/run-command.ts";
import type { ServerSettings } from "../settings/connection-settings.ts";
import { hostOf, savePin } from "../state/pin-store.ts";
import { seeCertificates } from "./server-certificate.ts";
import type { SeenCertificates } from "./server-certificate.ts";

/** What a command does besides connecting that decides whether it may ask. */
export interface Asking {
  /** Its standard output is for programs, which answer no questions. */
  readonly json?: boolean;
  /** A format, where the command has several. */
  readonly output?: string;
}

/** Whether a command may ask if it is to trust a certificate that is not known. */
export function mayConfirm(
  { server, thumbprint, ca }: ServerSettings,
  { json = false, output }: Asking,
  { io }: Run,
): boolean {
  // Who has named a certificate or an authority has answered already; a pin that no longer matches is never asked away.
  const isOpen = server.protocol === "https:" && thumbprint === undefined && ca === undefined;
  const forPrograms = json || output === "json";
  return isOpen && !forPrograms && canAsk(io) && io.stdout.isTTY && io.stderr.isTTY;
}

/**
 * Shows the certificate that a connection failed for, and asks at the terminal whether to trust it. Connects once more, and
 * sends nothing.
 * @returns the settings with the certificate pinned.
 * @throws {@link CliError} exit code 6: the answer was no. The error itself: it is another one, or nobody can be asked.
 */
export async function confirmCertificate(
  error: unknown,
  settings: ServerSettings,
  asking: Asking,
  run: Run,
): Promise<ServerSettings> {
  const isUnknown = error instanceof CertificateError && error.problem === "not-valid";
  if (!isUnknown || !mayConfirm(settings, asking, run)) throw error;
  const { server } = settings;
  const seen = await seeCertificates(server, { proxy: settings.proxy, signal: run.signal });
  const [certificate] = seen.chain;
  if (certificate === undefined) throw error;
  run.screen.note(`The certificate of ${hostOf(server)} is not known yet.`);
  for (const line of describeCertificates(seen)) run.screen.note(line);
  if (!(await confirm(trustQuestion(server), "--thumbprint", run))) {
    throw new CliError("Certificate not trusted: nothing was sent", { exitCode: exitCodes.certificate });
  }
  const sha256 = certificate.fingerprint256;
  await savePin(run.io.env, { host: hostOf(server), sha256, since: new Date().toISOString() });
  run.screen.note(trustedFrom(server));
  return { ...settings, thumbprint: sha256, thumbprintFrom: "trust" };
}

/** Describes the certificates of a server, and what to do before trusting them, a line for each fact. */
export function describeCertificates({ chain, problem, proxy }: SeenCertificates): readonly string[] {
  const between =
    proxy === undefined ? [] : [`Seen through the proxy ${proxy}, which may present a certificate of its own.`];
  const verdict = problem === undefined ? "It validates" : `It ${printable(problem)}`;
  return [
    ...chain.flatMap(describe),
    ...between,
    `${verdict}. Compare the first fingerprint with the one that the server itself shows.`,
  ];
}

/** The question of `carrel trust`. */
export function trustQuestion(server: URL, more = ""): string {
  return `Trust this certificate, and no other, for ${hostOf(server)}${more}?`;
}

/** What is said once a certificate is trusted. */
export function trustedFrom(server: URL): string {
  return `Trusted for ${hostOf(server)} from now on.`;
}

function describe(certificate: X509Certificate, index: number): readonly string[] {
  const name = (text: string): string => printable(text.split("\n").join(", "));
  return [
    `${index === 0 ? "certificate" : "signed by"}: ${name(certificate.subject)}`,
    `  valid    ${printable(certificate.validFrom)} to ${printable(certificate.validTo)}`,
    `  SHA-256  ${certificate.fingerprint256}`,
    `  SHA-1    ${certificate.fingerprint}`,
  ];
}
