import { virtualClock } from "@carrel/simulator";
import type { SimulatorOptions } from "@carrel/simulator";

const bytesPerMs = 262_144;
const tickMs = 10;

/** The bytes of a simulator, which flow as long as a test lets them, and stand still otherwise, however slow the machine is. */
export class Flow {
  readonly #clock = virtualClock();

  /** For the simulator whose bytes these are. */
  get options(): Pick<SimulatorOptions, "clock" | "transfer"> {
    return { clock: this.#clock, transfer: { bytesPerSecond: 1_000 * bytesPerMs } };
  }

  /** Lets bytes flow until something has happened. */
  async until<T>(happened: Promise<T>): Promise<T> {
    const timer = setInterval(() => void this.#clock.advance(1), tickMs);
    try {
      return await happened;
    } finally {
      clearInterval(timer);
    }
  }
}
