import { IntegrityError } from "@carrel/core";
import type { CarrelError } from "@carrel/core";
import { planBlocks, BlockQueue } from "./blocks.ts";
import type { BlockState } from "./blocks.ts";
import { Break } from "./failure.ts";
import { exchangeOnce, pauseAfter } from "./attempts.ts";
import type { TransferContext } from "./attempts.ts";

/** The server does not serve parts any more, so one connection has to go on alone. */
class Rangeless extends Error {}

/** Fetches the rest of a file over several connections, block by block, and delivers it in order. */
export class ParallelBlocks {
  readonly #context: TransferContext;
  readonly #queue: BlockQueue;
  readonly #delivered = Promise.withResolvers<void>();
  /** Connections that are at work. */
  #connections: number;
  #servesParts = true;
  #isOver = false;

  constructor(context: TransferContext) {
    this.#context = context;
    const { position, endPosition = position } = context.progress;
    const { connectionsPerFile } = context.settings;
    const blocks = planBlocks(position, endPosition, connectionsPerFile);
    this.#connections = Math.min(connectionsPerFile, blocks.length);
    this.#queue = new BlockQueue(blocks, this.#connections * 2);
  }

  /** Resolves when all is delivered, or when one connection has to go on alone; throws what no try can mend. */
  async run(): Promise<void> {
    const { flow, outlet } = this.#context;
    flow.onChange = () => this.#flow();
    const onAbort = (): void => this.#delivered.reject(outlet.signal.reason);
    outlet.signal.addEventListener("abort", onAbort, { once: true });
    try {
      outlet.signal.throwIfAborted();
      await Promise.all([...Array.from({ length: this.#connections }, () => this.#connect()), this.#delivered.promise]);
    } catch (error) {
      if (!(error instanceof Rangeless)) throw error;
    } finally {
      this.#isOver = true;
      outlet.signal.removeEventListener("abort", onAbort);
      for (const exchange of this.#context.exchanges) exchange.close();
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

  /** Fetches a block, in as many tries as it takes. False where the server wants fewer connections. */
  async #fetch(block: BlockState): Promise<boolean> {
    let failures = 0;
    let cause: CarrelError | undefined;
    while (block.position <= block.lastByte) {
      const before = block.position;
      const broken = await this.#fetchPart(block, cause);
      if (this.#isOver) return false;
      if (!this.#servesParts || !this.#context.progress.rangesWork) throw new Rangeless();
      if (broken === undefined) continue;
      if (broken.isBusy && this.#connections > 1) {
        this.#connections -= 1;
        return false;
      }
      cause = broken.cause;
      failures = block.position > before ? 1 : failures + 1;
      await pauseAfter(this.#context, broken, { failures, fromByte: block.position });
    }
    return true;
  }

  #fetchPart(block: BlockState, cause: CarrelError | undefined): Promise<Break | undefined> {
    const { progress, settings, flow } = this.#context;
    const state = { ...progress.state, position: block.position, lastByte: block.lastByte };
    return exchangeOnce(this.#context, state, cause, async (exchange, verdict) => {
      this.#servesParts &&= verdict.kind === "body" && verdict.isPart;
      if (this.#isOver || !this.#servesParts) return;
      await exchange.body((chunk) => this.#take(block, chunk), !flow.isThrottled);
      if (block.position > block.lastByte) return;
      throw new Break(
        new IntegrityError(`The server ended a part of ${settings.label} too early`, { problem: "length" }),
      );
    });
  }

  #take(block: BlockState, chunk: Buffer): boolean {
    const { flow, progress, settings } = this.#context;
    progress.fetchedBytes += chunk.length;
    if (block.position + chunk.length > block.lastByte + 1) {
      throw new IntegrityError(`The server sent more of ${settings.label} than was requested`, { problem: "length" });
    }
    block.position += chunk.length;
    block.chunks.push(chunk);
    flow.count(chunk.length);
    this.#drain();
    return !flow.isThrottled;
  }

  #flow(): void {
    if (!this.#context.flow.isThrottled) for (const exchange of this.#context.exchanges) exchange.resume();
    this.#drain();
  }

  /** Delivers what is here in order, as far as the consumer wants it. */
  #drain(): void {
    const { flow, progress, outlet } = this.#context;
    while (flow.isWanted && !this.#isOver) {
      const chunk = this.#queue.shift();
      if (chunk === undefined) break;
      progress.deliver(chunk);
      flow.want(outlet.deliver(chunk));
    }
    if (this.#queue.isDelivered) this.#delivered.resolve();
  }
}
