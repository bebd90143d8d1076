import { IntegrityError } from "@carrel/core";
import type { CarrelError } from "@carrel/core";
import type { Attempts } from "./attempts.ts";
import { BlockQueue, planBlocks } from "./blocks.ts";
import type { BlockState } from "./blocks.ts";
import { Interruption, Patience } from "@carrel/core/transfer";
import type { Flow, Outlet } from "./flow.ts";
import type { Progress } from "@carrel/core/transfer";
import type { TransferSettings } from "./settings.ts";

/** The transfer whose rest is fetched. */
export interface BlockTransfer {
  readonly settings: TransferSettings;
  readonly attempts: Attempts;
  readonly progress: Progress;
  readonly flow: Flow;
  readonly outlet: Outlet;
}

/** The server does not serve ranges any longer, so that a single connection has to continue. */
class RangesRefused extends Error {}

/** Fetches the rest of a file over several connections, block by block, and delivers it in order. */
export class ParallelBlocks {
  readonly #settings: TransferSettings;
  readonly #label: string;
  readonly #attempts: Attempts;
  readonly #progress: Progress;
  readonly #flow: Flow;
  readonly #outlet: Outlet;
  readonly #queue: BlockQueue;
  readonly #delivered = Promise.withResolvers<void>();
  /** Connections at work. */
  #connections: number;
  #servesRanges = true;
  #isOver = false;

  constructor({ settings, attempts, progress, flow, outlet }: BlockTransfer) {
    this.#settings = settings;
    this.#label = settings.label;
    this.#attempts = attempts;
    this.#progress = progress;
    this.#flow = flow;
    this.#outlet = outlet;
    const { position, endPosition = position } = progress;
    const blocks = planBlocks(position, endPosition, settings.connectionsPerFile);
    this.#connections = Math.min(settings.connectionsPerFile, blocks.length);
    this.#queue = new BlockQueue(blocks, this.#connections * 2);
  }

  /** Resolves when all is delivered, or when a single connection has to continue; throws what no attempt can overcome. */
  async run(): Promise<void> {
    const { signal } = this.#outlet;
    this.#flow.onChange = () => this.#onFlow();
    const onAbort = (): void => this.#delivered.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      signal.throwIfAborted();
      await Promise.all([...Array.from({ length: this.#connections }, () => this.#connect()), this.#delivered.promise]);
    } catch (error) {
      if (!(error instanceof RangesRefused)) throw error;
    } finally {
      this.#isOver = true;
      signal.removeEventListener("abort", onAbort);
      this.#attempts.closeAll();
    }
  }

  async #connect(): Promise<void> {
    for (let block = await this.#queue.take(); block !== undefined; block = await this.#queue.take()) {
      const isFetched = await this.#fetch(block);
      if (this.#isOver) return;
      if (!isFetched) {
        this.#queue.giveBack(block);
        return;
      }
    }
    this.#connections -= 1;
  }

  /** Fetches a block, in as many attempts as it takes. Resolves with false where the server asks for fewer connections. */
  async #fetch(block: BlockState): Promise<boolean> {
    const patience = new Patience(this.#settings);
    let cause: CarrelError | undefined;
    while (block.position <= block.lastByte) {
      const before = block.position;
      const interruption = await this.#fetchRest(block, cause);
      if (this.#isOver) return false;
      if (!this.#servesRanges || !this.#progress.rangesWork) throw new RangesRefused();
      if (interruption === undefined) continue;
      if (interruption.isBusy && this.#connections > 1) {
        this.#connections -= 1;
        return false;
      }
      cause = interruption.cause;
      if (block.position > before) patience.reset();
      await this.#attempts.pause(interruption, { patience, fromByte: block.position });
    }
    return true;
  }

  #fetchRest(block: BlockState, cause: CarrelError | undefined): Promise<Interruption | undefined> {
    const state = { ...this.#progress.state, position: block.position, lastByte: block.lastByte };
    return this.#attempts.attempt({
      state,
      cause,
      receive: async (response, verdict) => {
        this.#servesRanges &&= verdict.kind === "body" && verdict.isPart;
        if (this.#isOver || !this.#servesRanges) return;
        await response.read((chunk) => this.#take(block, chunk), !this.#flow.isThrottled);
        if (block.position > block.lastByte) return;
        throw new Interruption(
          new IntegrityError(`The server ended a range of ${this.#label} too early`, { problem: "length" }),
        );
      },
    });
  }

  #take(block: BlockState, chunk: Uint8Array): boolean {
    this.#progress.fetchedBytes += chunk.length;
    if (block.position + chunk.length > block.lastByte + 1) {
      throw new IntegrityError(`The server sent more bytes of ${this.#label} than requested`, { problem: "length" });
    }
    block.position += chunk.length;
    block.chunks.push(chunk);
    this.#flow.count(chunk.length);
    this.#drain();
    return !this.#flow.isThrottled;
  }

  #onFlow(): void {
    if (!this.#flow.isThrottled) this.#attempts.resumeAll();
    this.#drain();
  }

  /** Delivers the bytes that are next in order, as far as the consumer wants them. */
  #drain(): void {
    while (this.#flow.isWanted && !this.#isOver) {
      const chunk = this.#queue.shift();
      if (chunk === undefined) break;
      this.#progress.deliver(chunk);
      this.#flow.want(this.#outlet.deliver(chunk));
    }
    if (this.#queue.isDelivered) this.#delivered.resolve();
  }
}
