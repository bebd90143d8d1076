import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import type { FleetEvent } from "@carrel/fleet";
import type { Environment } from "../../process/program-io.ts";

/** A worker in a process of its own, as `carrel fleet run` starts it. Disposal kills it. */
export class DemoWorker implements AsyncDisposable {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  /** It says so itself, too. */
  #isStopping = false;
  readonly #ready = Promise.withResolvers<void>();

  /**
   * @param on - Receives what it does.
   * @param say - Receives what it says to people, such as errors.
   */
  constructor(name: string, env: Environment, on: (event: FleetEvent) => void, say: (line: string) => void) {
    this.name = name;
    const program = realpathSync(process.argv[1] ?? "");
    const args = [program, "fleet", "run", "--json", "--transfers", "3", "--name", name];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    this.#ended = once(child, "close");
    void this.#ended.then(() => this.#ready.reject(new Error(`${name} ended before it was ready`)));
    this.#ready.promise.catch(() => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as FleetEvent;
      if (event.type === "ready") this.#ready.resolve();
      on(event);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (!this.#isStopping) say(line);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves once it waits for work. */
  async ready(): Promise<void> {
    await this.#ready.promise;
  }

  /** Kills it as a power failure does: it can end nothing any more. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  /** Stops it as an administrator does. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#process.kill("SIGTERM");
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
