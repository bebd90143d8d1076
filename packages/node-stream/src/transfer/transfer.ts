import type { CarrelError } from "@carrel/core";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { Attempts } from "./attempts.ts";
import { publish } from "./channels.ts";
import { ifRange, Patience, Progress, compareDelivered, factsOf } from "@carrel/core/transfer";
import type { GoodVerdict, Interruption, ProofResult, TransferFacts, TransferSource } from "@carrel/core/transfer";
import { Flow } from "./flow.ts";
import type { Outlet } from "./flow.ts";
import { ParallelBlocks } from "./parallel-blocks.ts";
import { RouteFinder } from "./route.ts";
import type { TransferSettings } from "./settings.ts";
import type { StreamedResponse } from "./streamed-response.ts";

/** The first range to request where several connections are allowed: it shows whether the server honours ranges. */
const probeBytes = 16_384;

/** What is transferred, and how. */
interface TransferInput {
  readonly source: TransferSource;
  readonly settings: TransferSettings;
  readonly pool: ConnectionPool;
}

/** Transfers the bytes of one file, in order and each once, in as many attempts as it takes. */
export class Transfer {
  readonly progress: Progress;
  readonly #settings: TransferSettings;
  readonly #outlet: Outlet;
  readonly #flow: Flow;
  readonly #attempts: Attempts;
  /**
   * The last bytes of a whole file, held back until they are verified: a consumer that counts (an HTTP message with a
   * `Content-Length`) is complete with the last byte, whatever the stream reports after it.
   */
  #heldBack: Uint8Array | undefined;
  /** Several connections: still to be tried, in use, or not (or no longer) used. */
  #parallel: "probe" | "use" | "no";

  constructor({ source, settings, pool }: TransferInput, outlet: Outlet) {
    this.progress = new Progress(settings);
    this.#settings = settings;
    this.#outlet = outlet;
    this.#flow = new Flow(settings.rateLimit);
    const routes = new RouteFinder(source, pool, settings);
    this.#attempts = new Attempts(settings, { outlet, routes, progress: this.progress });
    this.#parallel = settings.connectionsPerFile > 1 ? "probe" : "no";
  }

  /** Bytes that arrived and are not delivered yet. */
  get heldBackBytes(): number {
    return this.#heldBack?.length ?? 0;
  }

  /** The consumer wants more. */
  want(): void {
    this.#flow.want(true);
  }

  /** Closes the sockets at once. The signal of the outlet is aborted already. */
  stop(reason: Error): void {
    this.#flow.stop();
    this.#attempts.abortAll(reason);
  }

  /** Runs to the end. Resolves when all bytes are delivered and verified. */
  async run(): Promise<TransferFacts> {
    const { progress } = this;
    await progress.readPrefix();
    const patience = new Patience(this.#settings);
    let cause: CarrelError | undefined;
    for (let verification: ProofResult | undefined; ;) {
      const before = progress.position;
      let interruption: Interruption | undefined;
      if (!progress.isComplete) {
        interruption = this.#parallel === "use" ? await this.#fetchBlocks() : await this.#fetchRest(cause);
      }
      if (progress.isComplete) {
        const outcome = await compareDelivered(progress, this.#settings, this.#outlet.signal);
        this.#releaseHeldBack();
        if ("expectedBytes" in outcome) interruption = progress.expectMore(outcome.expectedBytes);
        else verification = outcome;
      }
      if (verification !== undefined) return this.#report(verification);
      cause = interruption?.cause;
      if (interruption === undefined || progress.position > before) patience.reset();
      if (interruption !== undefined)
        await this.#attempts.pause(interruption, { patience, fromByte: progress.position });
    }
  }

  #deliver(chunk: Uint8Array): boolean {
    this.#releaseHeldBack();
    const { isWhole, position } = this.progress;
    if (!isWhole && position !== this.#settings.proof.likelyBytes) return this.#outlet.deliver(chunk);
    this.#heldBack = chunk;
    return true;
  }

  #releaseHeldBack(): void {
    const chunk = this.#heldBack;
    this.#heldBack = undefined;
    if (chunk !== undefined) this.#outlet.deliver(chunk);
  }

  async #fetchBlocks(): Promise<undefined> {
    this.#parallel = "no";
    await new ParallelBlocks({
      settings: this.#settings,
      attempts: this.#attempts,
      progress: this.progress,
      flow: this.#flow,
      outlet: { ...this.#outlet, deliver: (chunk) => this.#deliver(chunk) },
    }).run();
  }

  #fetchRest(cause: CarrelError | undefined): Promise<Interruption | undefined> {
    const { progress } = this;
    const { state } = progress;
    const lastByte =
      this.#parallel === "probe"
        ? Math.min(state.position + probeBytes - 1, state.lastByte ?? Infinity)
        : state.lastByte;
    return this.#attempts.attempt({
      state: { ...state, lastByte },
      cause,
      receive: async (response, verdict) => {
        await progress.begin(verdict);
        await this.#announce(response, verdict);
        if (verdict.kind === "complete") return;
        await this.#receive(response);
        if (this.#parallel !== "probe") return;
        const isProven = verdict.isPart && ifRange(progress.validator) !== undefined;
        this.#parallel = isProven ? "use" : "no";
      },
    });
  }

  async #receive(response: StreamedResponse): Promise<void> {
    const { progress } = this;
    const flow = this.#flow;
    flow.onChange = () => {
      if (flow.isOpen) response.resume();
    };
    const enough = Promise.withResolvers<void>();
    const ended = response.read((chunk) => {
      const fresh = progress.take(chunk);
      flow.count(chunk.length);
      if (fresh !== undefined) flow.want(this.#deliver(fresh));
      if (progress.hasEnough) enough.resolve();
      return flow.isOpen && !progress.hasEnough;
    }, flow.isOpen);
    // Where the body contains more than is to be delivered, its rest is not read, and its connection is closed.
    await Promise.race([ended, enough.promise]);
    if (!progress.hasEnough) progress.end();
  }

  /** Reports what the response states about the file. */
  async #announce(response: StreamedResponse, verdict: GoodVerdict): Promise<void> {
    const { totalBytes, validator } = this.progress;
    const { acceptRanges } = await response.head;
    const isPart = verdict.kind === "body" && verdict.isPart;
    const acceptsRanges = isPart || /\bbytes\b/iu.test(acceptRanges ?? "");
    const { origin } = this.#attempts;
    this.#outlet.opened({ totalBytes, validator, acceptsRanges, origin });
  }

  #report(verification: ProofResult): TransferFacts {
    const { progress } = this;
    const { resumes, origin } = this.#attempts;
    const facts = factsOf(progress, verification, { resumes, origin });
    publish("carrel:transfer:verified", () => ({ transfer: this.#outlet.id, ...facts }));
    this.#settings.onVerified?.(facts);
    return facts;
  }
}
