import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { systemCode } from "@carrel/node-stream/fs";
import { CliError } from "../../process/cli-error.ts";
import type { ControlAnswer, ControlMethod } from "./control-socket.ts";
import type { FleetDesk } from "./desk.ts";

/** Codes where nobody listens: there is no socket, or its process has ended. */
const absent: ReadonlySet<string | undefined> = new Set(["ENOENT", "ECONNREFUSED", "ENOTDIR"]);

type Face = Pick<FleetDesk, ControlMethod>;

/** A fleet whose database a worker beside this process has. */
export class FleetControl implements FleetDesk {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Returns the fleet of the worker that listens; `undefined` where none does. */
  static async connect(path: string): Promise<FleetControl | undefined> {
    try {
      // Nothing is known by this path, and only a worker says so.
      await post(path, "", []);
    } catch (error) {
      if (absent.has(systemCode(error))) return undefined;
      throw error;
    }
    return new FleetControl(path);
  }

  document(): ReturnType<Face["document"]> {
    return this.#call("document");
  }
  apply(...given: Parameters<Face["apply"]>): ReturnType<Face["apply"]> {
    return this.#call("apply", ...given);
  }
  sync(...given: Parameters<Face["sync"]>): ReturnType<Face["sync"]> {
    return this.#call("sync", ...given);
  }
  status(): ReturnType<Face["status"]> {
    return this.#call("status");
  }
  cancel(...given: Parameters<Face["cancel"]>): ReturnType<Face["cancel"]> {
    return this.#call("cancel", ...given);
  }
  retry(...given: Parameters<Face["retry"]>): ReturnType<Face["retry"]> {
    return this.#call("retry", ...given);
  }
  history(...given: Parameters<Face["history"]>): ReturnType<Face["history"]> {
    return this.#call("history", ...given);
  }
  doctor(): ReturnType<Face["doctor"]> {
    return this.#call("doctor");
  }
  async [Symbol.asyncDispose](): Promise<void> {
    // Each call has a connection of its own.
  }

  async #call<M extends ControlMethod>(
    method: M,
    ...given: Parameters<Face[M]>
  ): Promise<Awaited<ReturnType<Face[M]>>> {
    // An argument that is left out would be null in JSON.
    const { status, body } = await post(
      this.#path,
      method,
      given.slice(0, given.findLastIndex((one) => one !== undefined) + 1),
    );
    const answer = JSON.parse(status === 200 ? body : "{}") as ControlAnswer;
    if (!("failure" in answer)) return answer.result as Awaited<ReturnType<Face[M]>>;
    const { message, ...options } = answer.failure;
    throw new CliError(message, options);
  }
}

async function post(
  socketPath: string,
  method: string,
  given: readonly unknown[],
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const sent = request({ socketPath, path: `/${method}`, method: "POST", agent: false });
  sent.end(JSON.stringify(given));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}
