import { Slots } from "@carrel/core/kit";
import { ConcurrencyLimit } from "@carrel/node-stream";

/** Counts the transfers from vCenters, over all workers. */
export interface VcenterSlots extends AsyncDisposable {
  /**
   * Waits for one of the slots of a vCenter and takes it.
   * @param limit - How many there are.
   * @param onLost - Called where the slot is lost, and another worker may have it: the transfer must end at once.
   * @returns A function that releases it.
   */
  acquire(vcenter: string, limit: number, options: SlotOptions): Promise<() => void>;
}

/** How a slot is acquired. */
export interface SlotOptions {
  readonly signal: AbortSignal;
  readonly onLost: (error: Error) => void;
}

/** Slots where this process is the only worker. */
export class ProcessSlots implements VcenterSlots {
  readonly #slots = new Map<string, Slots>();

  async acquire(vcenter: string, limit: number, { signal }: SlotOptions): Promise<() => void> {
    const key = JSON.stringify([vcenter, limit]);
    const slots = this.#slots.get(key) ?? new Slots(limit, "transfers");
    this.#slots.set(key, slots);
    return await slots.acquire(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open.
  }
}

/** What an item's files are limited by. */
export interface SlotLimitOptions extends Pick<SlotOptions, "onLost"> {
  readonly slots: VcenterSlots;
  readonly vcenter: string;
  readonly transfers: number;
  /** The files of this worker. */
  readonly local: ConcurrencyLimit;
}

/** Limits the files of one item: by what its vCenter allows all workers together, and by what this worker does at once. */
export class SlotLimit extends ConcurrencyLimit {
  readonly #options: SlotLimitOptions;

  constructor(options: SlotLimitOptions) {
    super(options.transfers);
    this.#options = options;
  }

  override async acquire(signal: AbortSignal): Promise<() => void> {
    const { slots, vcenter, transfers, local, onLost } = this.#options;
    const release = await slots.acquire(vcenter, transfers, { signal, onLost });
    try {
      const releaseLocal = await local.acquire(signal);
      return () => {
        releaseLocal();
        release();
      };
    } catch (error) {
      release();
      throw error;
    }
  }
}
