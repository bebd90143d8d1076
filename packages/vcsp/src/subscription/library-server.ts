import { TransferError } from "@carrel/core";
import type { CarrelError } from "@carrel/core";
import { defined, LinkedAbort } from "@carrel/core/kit";
import { openTransfer } from "@carrel/node-stream";
import type { ConnectionPool, LeasedEndpoint, TransferOptions } from "@carrel/node-stream";
import { quote, systemCode } from "@carrel/node-stream/fs";
import { VcspError } from "../errors.ts";
import { hrefOf } from "../href.ts";
import type { EndpointQuery, LibraryFiles } from "./library-files.ts";
import type { Login } from "./login.ts";

/** How requests are made. */
export type RequestOptions = Pick<TransferOptions, "stallTimeoutMs" | "retryForMs" | "clock">;

/** Interruptions of a small file in a row to resume after. */
const resumeLimit = 2;

/** Codes for a connection that got no answer. */
const silentCodes: ReadonlySet<string | undefined> = new Set(["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT"]);

/** Whether a server did not answer at all, neither to a connection nor to a request. */
function isSilence(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof TransferError && error.problem === "stalled") return true;
  return silentCodes.has(systemCode(error)) || isSilence(error.cause);
}

/** The web server of a published library: where its files are, and the login there. */
export class LibraryServer implements LibraryFiles {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly pool: ConnectionPool;
  readonly #base: string;
  readonly #login: Login;
  readonly #options: RequestOptions;
  /** With which login each path was last requested. */
  readonly #sent = new Map<string, string | undefined>();

  constructor(url: URL, { login, pool, options }: { login: Login; pool: ConnectionPool; options: RequestOptions }) {
    this.origin = url.origin;
    this.pool = pool;
    this.#base = new URL(".", url).href;
    this.#login = login;
    this.#options = options;
  }

  /**
   * Returns where the file at a path below the library is. After a refusal, with another login or not at all.
   *
   * @throws {@link VcspError} `login`: the server requires another password, or permits nobody. `not-found`: it has no such file.
   */
  async endpoint(path: string, { cause, signal }: EndpointQuery): Promise<LeasedEndpoint> {
    const status = cause instanceof TransferError && cause.problem === "refused" ? cause.status : undefined;
    if (status === 401) await this.#login.require(this.#sent.get(path), signal);
    else if (status !== undefined) throw this.#refusal(path, status, cause);
    const { authorization } = this.#login;
    this.#sent.set(path, authorization);
    return { endpoint: { uri: this.urlOf(path) }, clientOrigin: this.origin, ...defined({ authorization }) };
  }

  /**
   * Reads a small text file.
   *
   * @throws {@link VcspError} as {@link endpoint} does, and `unreadable`: it is longer than `limitBytes`.
   */
  async text(path: string, { limitBytes, signal }: { limitBytes: number; signal: AbortSignal }): Promise<string> {
    const blocks: Uint8Array[] = [];
    let bytes = 0;
    using abort = new LinkedAbort(signal);
    const stream = openTransfer(({ cause, signal: own }) => this.endpoint(path, { cause, signal: own }), {
      ...this.#options,
      ...(this.#options.retryForMs === undefined && { resumeLimit }),
      pool: this.pool,
      // Which server it is stands in no other part of a message.
      fileName: this.urlOf(path),
      signal: abort.signal,
      onResume: ({ cause }) => {
        // A host that swallows packets answers no second request: each would take as long again.
        if (bytes === 0 && isSilence(cause) && this.#options.retryForMs === undefined) {
          abort.abort(this.#unanswered(path, cause));
        }
      },
    });
    try {
      // Leaving the loop closes the stream.
      for await (const block of stream as AsyncIterable<Uint8Array>) {
        bytes += block.length;
        if (bytes > limitBytes) break;
        blocks.push(block);
      }
    } catch (error) {
      // A transfer asks for another login once only.
      if (error instanceof TransferError && error.status === 401) throw this.#login.refusal(error);
      throw error;
    }
    if (bytes <= limitBytes) return Buffer.concat(blocks).toString("utf8");
    throw new VcspError(`Cannot read ${quote(this.urlOf(path))}: it is longer than ${limitBytes} bytes`, {
      problem: "unreadable",
      path,
    });
  }

  /** The address of a path below the library. */
  urlOf(path: string): string {
    return this.#base + hrefOf(path);
  }

  #unanswered(path: string, cause: CarrelError): TransferError {
    const { origin } = this;
    const message = `The server at ${origin} does not answer the request for ${quote(this.urlOf(path))}`;
    return new TransferError(message, { problem: "stalled", origin, clientOrigin: origin, cause });
  }

  #refusal(path: string, status: number, cause: CarrelError | undefined): VcspError {
    const url = quote(this.urlOf(path));
    return status === 403
      ? new VcspError(`The server does not permit reading ${url} (status 403)`, { problem: "login", path, cause })
      : new VcspError(`The server has no ${url} (status ${status})`, { problem: "not-found", path, cause });
  }
}
