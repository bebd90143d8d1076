import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Fleet } from "@carrel/fleet";
import { redact } from "@carrel/core/kit";
import { explainFailure } from "../../run/explain-failure.ts";
import type { Run } from "../../run/run-command.ts";
import { makeOwnDirectory } from "../../state/own-file.ts";
import { controlMethods, socketOf } from "./control-socket.ts";
import type { ControlAnswer, ControlMethod } from "./control-socket.ts";

const limitBytes = 8 * 1024 * 1024;

/**
 * Answers other processes of this user for a worker that has an embedded database. Only they can reach the socket: it is in a
 * directory of this user, and its mode is 0600. The lock of the database is held, so that what is left there is a dead
 * process's.
 */
export async function serveControl(fleet: Fleet, database: string, run: Run): Promise<AsyncDisposable> {
  const path = socketOf(database);
  const server = createServer((request, response) => void answer(fleet, request, response, run));
  if (process.platform !== "win32") {
    await makeOwnDirectory(path);
    await rm(path, { force: true });
  }
  server.listen(path);
  await once(server, "listening");
  if (process.platform !== "win32") await chmod(path, 0o600);
  return { [Symbol.asyncDispose]: () => close(server) };
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

async function answer(fleet: Fleet, request: IncomingMessage, response: ServerResponse, run: Run): Promise<void> {
  let said: ControlAnswer;
  try {
    const method = controlMethods.find((each) => `/${each}` === request.url);
    if (method === undefined || request.method !== "POST") {
      response.writeHead(404).end();
      return;
    }
    said = { result: await call(fleet, method, await readArguments(request)) };
  } catch (error) {
    const { exitCode, message = "interrupted", hints } = explainFailure(error, run.io.env);
    said = { failure: { exitCode, message: redact(message), hints: hints.map((hint) => redact(hint)) } };
  }
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(said));
}

async function call(fleet: Fleet, method: ControlMethod, given: readonly unknown[]): Promise<unknown> {
  // Both ends are this program, in the same version or nearly: the arguments are those of the method.
  return await (fleet[method] as (...args: readonly unknown[]) => Promise<unknown>)(...given);
}

async function readArguments(request: IncomingMessage): Promise<readonly unknown[]> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new Error("The request is too large");
    chunks.push(chunk);
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
  if (Array.isArray(value)) return value;
  throw new TypeError("The request has no list of arguments");
}
