import type { CarrelError } from "@carrel/core";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { Break } from "./break.ts";
import { publish } from "./channels.ts";
import { exchangeOnce } from "./exchange-once.ts";
import type { Exchange } from "./exchange.ts";
import { Flow } from "./flow.ts";
import { Locator } from "./locate.ts";
import { ParallelBlocks } from "./parallel-blocks.ts";
import { Progress } from "./progress.ts";
import type { TransferSettings } from "./settings.ts";
import { pauseAfter } from "./transfer-context.ts";
import type { Outlet, TransferContext } from "./transfer-context.ts";
import type { TransferFacts } from "./transfer-facts.ts";
import type { TransferSource } from "./transfer-source.ts";
import { ifRange } from "./validator.ts";
import { verifyDigest } from "./verify.ts";
import { untilAborted } from "./wait.ts";

/** The first part to ask for where several connections are wanted: it shows whether the server honours ranges. */
const probeBytes = 16_384;

/** Brings the bytes of one file over, in order and each once, in as many exchanges as it takes. */
export class Transfer {
  readonly progress: Progress;
  readonly #context: TransferContext;
  /** Several connections: still to be tried, found to be of use, or not (any more). */
  #parallel: "probe" | "use" | "no";

  constructor(source: TransferSource, settings: TransferSettings, pool: ConnectionPool, outlet: Outlet) {
    this.progress = new Progress(settings);
    this.#context = {
      settings,
      outlet,
      locator: new Locator(source, pool, settings.label),
      flow: new Flow(settings.rateLimit),
      progress: this.progress,
      exchanges: new Set(),
      resumes: 0,
    };
    this.#parallel = settings.connectionsPerFile > 1 ? "probe" : "no";
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
    while (!progress.isComplete) {
      const before = progress.position;
      const broken = this.#parallel === "use" ? await this.#fetchBlocks() : await this.#fetchRest(cause);
      cause = broken?.cause;
      failures = broken === undefined ? 0 : progress.position > before ? 1 : failures + 1;
      if (broken !== undefined && !progress.isComplete) {
        await pauseAfter(this.#context, broken, { failures, fromByte: progress.position });
      }
    }
    return this.#verify();
  }

  async #fetchBlocks(): Promise<undefined> {
    this.#parallel = "no";
    await new ParallelBlocks(this.#context).run();
  }

  #fetchRest(cause: CarrelError | undefined): Promise<Break | undefined> {
    const { progress } = this;
    const { state } = progress;
    const lastByte = this.#parallel === "probe" ? state.position + probeBytes - 1 : undefined;
    return exchangeOnce(this.#context, { ...state, lastByte }, cause, async (exchange, verdict) => {
      await progress.begin(verdict);
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
    await exchange.body((chunk) => {
      const fresh = progress.take(chunk);
      flow.count(chunk.length);
      if (fresh !== undefined) flow.want(outlet.deliver(fresh));
      return flow.isOpen;
    }, flow.isOpen);
    progress.end();
  }

  async #verify(): Promise<TransferFacts> {
    const { progress } = this;
    const { settings, outlet, resumes } = this.#context;
    const { expect, onVerified } = settings.options;
    const compared = verifyDigest(progress.digest, expect?.checksum, settings.label);
    const checksum = await untilAborted(compared, outlet.signal);
    const facts: TransferFacts = {
      sizeBytes: progress.position,
      verifiedBy: checksum === undefined ? (progress.lengthIsKnown ? "length" : "nothing") : "checksum",
      checksum,
      digests: progress.digestIsWhole ? progress.digest.digests() : {},
      fetchedBytes: progress.fetchedBytes,
      resumes,
      validator: progress.validator,
    };
    publish("carrel:transfer:verified", () => ({ transfer: outlet.id, ...facts }));
    onVerified?.(facts);
    return facts;
  }
}
