import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { realpath } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { systemClock } from "@carrel/core";
import { checkNumber, sleep } from "@carrel/core/kit";
import { onDisk, quote } from "@carrel/node-stream/fs";
import send from "send";
import { DirectoryPlace } from "../place.ts";
import { VcspError } from "../errors.ts";
import { hrefOf, libraryPath } from "../href.ts";
import { readPublished } from "../published.ts";
import { fingerprintsOf } from "./certificate.ts";
import type { ServerCertificate } from "./certificate.ts";
import { PublishedEtags } from "./published-etags.ts";
import { findServable } from "./servable-file.ts";

/** The name that subscribers log in with; the format knows no other. */
const subscriberName = "vcsp";

/** A request that was answered, for an access log. */
export interface ServedRequest {
  readonly method: string;
  /** The target of the request, as it was sent. */
  readonly path: string;
  readonly status: number;
  /** Length of the body, in bytes; `isAborted` says whether all of it was sent. */
  readonly bodyBytes: number;
  readonly elapsedMs: number;
  /** Address of the client. */
  readonly client: string;
  /** Whether the client closed the connection before the end. */
  readonly isAborted: boolean;
}

/** Options of {@link serveLibrary}. */
export interface ServeOptions {
  /** @defaultValue "127.0.0.1": this machine only */
  readonly host?: string;
  /** @defaultValue 0: any free one */
  readonly port?: number;
  /**
   * The certificate; `false` serves over HTTP. vCenter subscribes to HTTP as well, and sends the password unencrypted.
   */
  readonly certificate: ServerCertificate | false;
  /**
   * The password of the user `vcsp`.
   * @defaultValue none: everybody may read
   */
  readonly password?: string;
  /**
   * How long requests that are being answered may take after the disposal began, in milliseconds.
   * @defaultValue 10_000
   */
  readonly closeTimeoutMs?: number;
  /** Called after each request. */
  readonly onRequest?: (request: ServedRequest) => void;
}

/** A server that is running. Disposal stops it: no new requests, and those that are being answered are given some time. */
export interface LibraryServer extends AsyncDisposable {
  /** Address of `lib.json`, which a vCenter subscribes to. */
  readonly url: URL;
  readonly host: string;
  readonly port: number;
  /** Fingerprints of the certificate, with colons; `undefined` over HTTP. */
  readonly fingerprints: { readonly sha1: string; readonly sha256: string } | undefined;
}

/**
 * Serves a directory that was published: `GET` and `HEAD`, ranges with `If-Range`, a strong `ETag` that is the one of
 * `items.json`, nothing compressed. Hidden and incomplete files, and what lies outside of the directory, do not exist for it.
 *
 * @throws `VcspError` `VCSP`: the directory has no `lib.json` (`not-a-library`), or one that cannot be read (`unreadable`).
 * @throws `Error` with `code`: the address is in use (`EADDRINUSE`), or may not be used.
 *
 * @example
 * ```ts
 * import { createServerCertificate, serveLibrary } from "@carrel/vcsp/serve";
 *
 * async function serve(directory: string, password: string): Promise<void> {
 *   const certificate = await createServerCertificate(["images.example.test"]);
 *   await using server = await serveLibrary(directory, { host: "0.0.0.0", port: 8443, certificate, password });
 *   console.log(server.url.href, server.fingerprints?.sha256);
 * }
 * ```
 */
export async function serveLibrary(directory: string, options: ServeOptions): Promise<LibraryServer> {
  const { host = "127.0.0.1", port = 0, certificate, closeTimeoutMs = 10_000 } = options;
  checkNumber("port", port, { from: 0, to: 65_535, whole: true });
  checkNumber("closeTimeoutMs", closeTimeoutMs, { from: 0, whole: true });
  const root = await onDisk("read", directory, () => realpath(directory));
  const place = new DirectoryPlace(root);
  const { library } = await readPublished(place);
  if (library === undefined || library.version === 0) {
    throw new VcspError(`${quote(directory)} is not a published library: it has no ${libraryPath}`, {
      problem: "not-a-library",
      path: libraryPath,
    });
  }
  const etags = new PublishedEtags(place, root);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    logTo(options.onRequest, request, response);
    answer(request, response, { root, etags, password: options.password }).catch(() => {
      // The disk failed, or the file is gone: nothing of that is the client's business.
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    });
  };
  const server = certificate === false ? createHttpServer(listener) : createHttpsServer(certificate, listener);
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address() as AddressInfo;
  const scheme = certificate === false ? "http" : "https";
  return {
    url: new URL(`${scheme}://${host.includes(":") ? `[${host}]` : host}:${bound.port}/${hrefOf(libraryPath)}`),
    host,
    port: bound.port,
    fingerprints: certificate === false ? undefined : fingerprintsOf(certificate.cert),
    [Symbol.asyncDispose]: () => close(server, closeTimeoutMs),
  };
}

interface Served {
  readonly root: string;
  readonly etags: PublishedEtags;
  readonly password: string | undefined;
}

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const { root, etags, password } = served;
  const { method = "", url = "", headers } = request;
  if (password !== undefined && !isAuthorized(headers.authorization, password)) {
    response.setHeader("WWW-Authenticate", `Basic realm="${subscriberName}", charset="UTF-8"`);
    refuse(response, 401);
    return;
  }
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    refuse(response, 405);
    return;
  }
  const file = await findServable(root, url);
  if (file === undefined) {
    refuse(response, 404);
    return;
  }
  response.setHeader("ETag", await etags.of(file));
  response.setHeader("Cache-Control", "no-cache");
  response.setHeader("X-Content-Type-Options", "nosniff");
  const options = { root, dotfiles: "ignore", index: false, etag: false, cacheControl: false } as const;
  send(request, `/${hrefOf(file.path)}`, options)
    .on("error", ({ status = 500 }: { readonly status?: number }) => refuse(response, status))
    .on("directory", () => refuse(response, 404))
    .pipe(response);
}

/** Answers without a body that would say more than the status does. */
function refuse(response: ServerResponse, status: number): void {
  response.removeHeader("ETag");
  response.writeHead(status, { "content-length": 0 }).end();
}

function logTo(
  log: ServeOptions["onRequest"],
  { method = "", url = "", socket }: IncomingMessage,
  response: ServerResponse,
): void {
  if (log === undefined) return;
  const startedAt = performance.now();
  const client = socket.remoteAddress ?? "";
  response.once("close", () => {
    log({
      method,
      path: url,
      status: response.statusCode,
      bodyBytes: method === "HEAD" ? 0 : Number(response.getHeader("content-length") ?? 0),
      elapsedMs: performance.now() - startedAt,
      client,
      isAborted: !response.writableFinished,
    });
  });
}

async function close(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const waiting = new AbortController();
  sleep(systemClock, timeoutMs, waiting.signal).then(
    () => server.closeAllConnections(),
    () => {},
  );
  await closed;
  waiting.abort();
}

/** Whether an `Authorization` header has the subscriber's name and the password. Takes the same time whatever the header says. */
function isAuthorized(header: string | undefined, password: string): boolean {
  const [, encoded = ""] = /^basic +([\w+/=-]+) *$/iu.exec(header ?? "") ?? [];
  const expected = Buffer.from(`${subscriberName}:${password}`);
  // Digests are equally long.
  return timingSafeEqual(digest(Buffer.from(encoded, "base64")), digest(expected));
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
