import { once } from "node:events";
import { hostname } from "node:os";
import { createSecureContext } from "node:tls";
import { defined } from "@carrel/core/kit";
import { systemCode } from "@carrel/node-stream/fs";
import { DirectoryPlace, readLibrary } from "@carrel/vcsp";
import { serveLibrary } from "@carrel/vcsp/serve";
import type { LibraryServer, ServedRequest, ServeOptions } from "@carrel/vcsp/serve";
import { formatBytes } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { parsePort } from "../../settings/parse-values.ts";
import { passwordFile } from "../../settings/password-source.ts";
import { ownCertificate, readCertificate } from "../../state/server-certificate-file.ts";
import type { ServeFlags } from "./command.ts";

/** `carrel serve`. */
export async function runServe(directory: string, flags: ServeFlags, run: Run): Promise<void> {
  const { screen, signal } = run;
  const { accessLog = false, json = false } = flags;
  const port = parsePort(flags.port, "--port");
  const password = await passwordOf(flags, run);
  const certificate = await certificateOf(flags, run);
  const onRequest = accessLog ? (request: ServedRequest) => logRequest(request, json, run) : undefined;
  await using server = await start(directory, {
    host: flags.host,
    port,
    certificate,
    ...defined({ password, onRequest }),
  });
  const place = new DirectoryPlace(directory);
  const { name } = readLibrary((await place.read("lib.json"))?.text ?? "", "lib.json");
  if (certificate === false && password !== undefined && !isLocal(flags.host)) {
    run.warn("The password is sent unencrypted, because of --http");
  }
  if (json) screen.printJson(jsonOf(name, server, password !== undefined));
  else for (const line of howToSubscribe(name, server, { password, host: flags.host })) screen.printSentence(line);
  if (!signal.aborted) await once(signal, "abort");
}

async function passwordOf({ passwordFile: path }: ServeFlags, { io, signal }: Run): Promise<string | undefined> {
  const password =
    path === undefined
      ? io.env["CARREL_SERVE_PASSWORD"] || undefined
      : await passwordFile(path, "--password-file", io.env).read(signal);
  if (password !== undefined && /\p{Cc}/u.test(password)) {
    throw usageError("The password of the user vcsp has a control character, which subscribers cannot send");
  }
  return password;
}

async function certificateOf(
  { cert, key, http = false, host }: ServeFlags,
  run: Run,
): Promise<ServeOptions["certificate"]> {
  if (http && (cert !== undefined || key !== undefined)) throw usageError("--http and --cert contradict each other");
  if (http) return false;
  if (cert === undefined && key === undefined) return await ownCertificate(run.io.env, namesOf(host));
  if (cert === undefined || key === undefined) throw usageError("--cert and --key are needed together");
  const certificate = await readCertificate(cert, key);
  try {
    createSecureContext(certificate);
  } catch (error) {
    throw usageError(
      `Cannot use ${cert} with ${key}: ${(error as Error).message}`,
      "Both must be PEM, and belong together.",
    );
  }
  return certificate;
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** The names that the certificate is for. */
function namesOf(host: string): readonly string[] {
  const local = ["localhost", "127.0.0.1", "::1"];
  return isWildcard(host) || isLocal(host) ? [hostname(), ...local] : [host, hostname(), ...local];
}

async function start(directory: string, options: ServeOptions): Promise<LibraryServer> {
  try {
    return await serveLibrary(directory, options);
  } catch (error) {
    const { host = "", port = 0 } = options;
    const reason = refusals[systemCode(error) ?? ""];
    if (reason === undefined || !(error instanceof Error) || !("syscall" in error)) throw error;
    throw new CliError(`Cannot listen on ${host}, port ${port}: ${reason}`, {
      exitCode: exitCodes.usage,
      hints: ["Use another address or port: --host, --port. With --port 0 it is any free one."],
    });
  }
}

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses it",
  EACCES: "this user may not",
  EADDRNOTAVAIL: "this machine does not have it",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name cannot be resolved at the moment",
};

function howToSubscribe(
  library: string,
  { url, fingerprints }: LibraryServer,
  { password, host }: { readonly password: string | undefined; readonly host: string },
): readonly string[] {
  const shown = new URL(url);
  if (isWildcard(host)) shown.hostname = hostname();
  return [
    `Serving "${printable(library)}". To subscribe to it, enter in the vSphere Client:`,
    `  Subscription URL  ${shown.href}`,
    `  Authentication    ${password === undefined ? "none" : "the password; the user is vcsp"}`,
    ...(fingerprints === undefined
      ? []
      : [`  SSL thumbprint    ${fingerprints.sha1}`, `  SHA-256           ${fingerprints.sha256}`]),
    ...(isLocal(host) ? ["Only this machine can reach it. For others: --host"] : []),
    "Ctrl-C stops it.",
  ];
}

function jsonOf(library: string, { url, fingerprints }: LibraryServer, needsPassword: boolean): object {
  return { type: "serving", library, url: url.href, needsPassword, ...fingerprints };
}

function logRequest(request: ServedRequest, json: boolean, { screen }: Run): void {
  if (json) {
    screen.printJson({ type: "request", ...request, elapsedMs: Math.round(request.elapsedMs) });
    return;
  }
  const { client, method, path, status, bodyBytes, elapsedMs, isAborted } = request;
  const time = new Date().toISOString();
  const end = isAborted ? ", closed by the client" : "";
  screen.print(
    `${time}  ${client}  ${status}  ${method} ${printable(path)}  ${formatBytes(bodyBytes)}  ${Math.round(elapsedMs)} ms${end}`,
  );
}
