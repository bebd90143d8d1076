import type { CarrelError } from "@carrel/core";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { Break } from "./failure.ts";
import { publish } from "./channels.ts";
import { exchangeOnce, pauseAfter } from "./attempts.ts";
import type { Exchange } from "./streamed-response.ts";
import { explainedByEncoding, unprovenEncoding } from "./content-encoding.ts";
import { Flow } from "./flow.ts";
import { Locator } from "./route.ts";
import { ParallelBlocks } from "./parallel-blocks.ts";
import { Progress } from "./progress.ts";
import type { Proven, Short } from "./proof.ts";
import type { GoodVerdict } from "./resume-rules.ts";
import type { TransferSettings } from "./settings.ts";
import type { Outlet, TransferContext } from "./attempts.ts";
import type { TransferFacts, TransferSource } from "./transfer-options.ts";
import { ifRange } from "./response-head.ts";
import { untilAborted } from "../signals.ts";

/** The first part to ask for where several connections are wanted: it shows whether the server honours ranges. */
const probeBytes = 16_384;

/** Brings the bytes of one file over, in order and each once, in as many exchanges as it takes. */
export class Transfer {
  readonly progress: Progress;
  readonly #context: TransferContext;
  readonly #outlet: Outlet;
  /**
   * The last bytes of a whole file, held back until they are proved: a consumer that counts (an HTTP message with a
   * `Content-Length`) is complete with the last byte, whatever the stream says after it.
   */
  #heldBack: Buffer | undefined;
  /** Several connections: still to be tried, found to be of use, or not (any more). */
  #parallel: "probe" | "use" | "no";

  constructor(source: TransferSource, settings: TransferSettings, pool: ConnectionPool, outlet: Outlet) {
    this.progress = new Progress(settings);
    this.#outlet = outlet;
    this.#context = {
      settings,
      outlet: { ...outlet, deliver: (chunk) => this.#deliver(chunk) },
      locator: new Locator(source, pool, settings),
      flow: new Flow(settings.rateLimit),
      progress: this.progress,
      exchanges: new Set(),
      stubbornBreaks: new Map(),
      resumes: 0,
    };
    this.#parallel = settings.connectionsPerFile > 1 ? "probe" : "no";
  }

  /** Bytes that were received and are not handed over yet. */
  get heldBackBytes(): number {
    return this.#heldBack?.length ?? 0;
  }

  /** The consumer wants more. */
  want(): void {
    this.#context.flow.want(true);
  }

  /** Closes the sockets at once. The signal of the outlet is aborted already. */
  stop(reason: Error): void {
    this.#context.flow.stop();
    for (const exchange of this.#context.exchanges) exchange.abort(reason);
  }

  /** Runs to the end. Resolves when all bytes are delivered and checked. */
  async run(): Promise<TransferFacts> {
    const { progress } = this;
    await progress.readPrefix();
    let failures = 0;
    let cause: CarrelError | undefined;
    for (let proven: Proven | undefined; ;) {
      const before = progress.position;
      let broken: Break | undefined;
      if (!progress.isComplete) {
        broken = this.#parallel === "use" ? await this.#fetchBlocks() : await this.#fetchRest(cause);
      }
      if (progress.isComplete) {
        const found = await this.#prove();
        this.#handOver();
        if (!("expectedBytes" in found)) proven = found;
        else broken = progress.expectMore(found.expectedBytes);
      }
      if (proven !== undefined) return this.#report(proven);
      cause = broken?.cause;
      failures = broken === undefined ? 0 : progress.position > before ? 1 : failures + 1;
      if (broken !== undefined) await pauseAfter(this.#context, broken, { failures, fromByte: progress.position });
    }
  }

  #deliver(chunk: Buffer): boolean {
    this.#handOver();
    const { isWhole, position } = this.progress;
    if (!isWhole && position !== this.#context.settings.proof.likelyBytes) return this.#outlet.deliver(chunk);
    this.#heldBack = chunk;
    return true;
  }

  #handOver(): void {
    const chunk = this.#heldBack;
    this.#heldBack = undefined;
    if (chunk !== undefined) this.#outlet.deliver(chunk);
  }

  async #fetchBlocks(): Promise<undefined> {
    this.#parallel = "no";
    await new ParallelBlocks(this.#context).run();
  }

  #fetchRest(cause: CarrelError | undefined): Promise<Break | undefined> {
    const { progress } = this;
    const { state } = progress;
    const lastByte =
      this.#parallel === "probe"
        ? Math.min(state.position + probeBytes - 1, state.lastByte ?? Infinity)
        : state.lastByte;
    return exchangeOnce(this.#context, { ...state, lastByte }, cause, async (exchange, verdict) => {
      await progress.begin(verdict);
      await this.#announce(exchange, verdict);
      if (verdict.kind === "complete") return;
      await this.#receive(exchange);
      if (this.#parallel !== "probe") return;
      const isProven = verdict.isPart && ifRange(progress.validator) !== undefined;
      this.#parallel = isProven ? "use" : "no";
    });
  }

  async #receive(exchange: Exchange): Promise<void> {
    const { flow, outlet } = this.#context;
    const { progress } = this;
    flow.onChange = () => {
      if (flow.isOpen) exchange.resume();
    };
    const enough = Promise.withResolvers<void>();
    const ended = exchange.body((chunk) => {
      const fresh = progress.take(chunk);
      flow.count(chunk.length);
      if (fresh !== undefined) flow.want(outlet.deliver(fresh));
      if (progress.hasEnough) enough.resolve();
      return flow.isOpen && !progress.hasEnough;
    }, flow.isOpen);
    // Where the body brings more than is wanted, its rest is not waited for, and its connection is closed.
    await Promise.race([ended, enough.promise]);
    if (!progress.hasEnough) progress.end();
  }

  /** Says what the first answer tells of the file. */
  async #announce(exchange: Exchange, verdict: GoodVerdict): Promise<void> {
    const { totalBytes, validator } = this.progress;
    const { acceptRanges } = await exchange.answer;
    const isPart = verdict.kind === "body" && verdict.isPart;
    const acceptsRanges = isPart || /\bbytes\b/i.test(acceptRanges ?? "");
    const { origin } = this.#context.locator;
    this.#context.outlet.opened({ totalBytes, validator, acceptsRanges, origin });
  }

  /** Compares the bytes with what is known of the file; a part of a file proves nothing. */
  async #prove(): Promise<Proven | Short> {
    const { progress } = this;
    const { settings, outlet } = this.#context;
    if (!progress.isWhole) return { verifiedBy: "nothing", checksum: undefined };
    const { position: sizeBytes, digest, encoding } = progress;
    // The stated length of encoded bytes says nothing of the file's.
    const lengthStated = progress.lengthIsKnown && encoding === undefined;
    const comparing = settings.proof.verify({ sizeBytes, lengthStated, digest }, outlet.signal);
    const proven = await untilAborted(comparing, outlet.signal).catch((error: unknown) => {
      throw explainedByEncoding(error, encoding);
    });
    if (encoding === undefined || settings.proof.isLater === true || !("verifiedBy" in proven)) return proven;
    if (proven.verifiedBy === "nothing") throw unprovenEncoding(settings.label, { encoding, bytes: sizeBytes });
    return proven;
  }

  #report(proven: Proven): TransferFacts {
    const { progress } = this;
    const { settings, outlet, resumes } = this.#context;
    const facts: TransferFacts = {
      ...proven,
      sizeBytes: progress.totalBytes ?? progress.position,
      digests: progress.isWhole ? progress.digest.digests() : {},
      fetchedBytes: progress.fetchedBytes,
      resumes,
      validator: progress.validator,
      contentEncoding: progress.encoding,
      origin: this.#context.locator.origin,
    };
    publish("carrel:transfer:verified", () => ({ transfer: outlet.id, ...facts }));
    settings.options.onVerified?.(facts);
    return facts;
  }
}
