import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { IntegrityError, TransferError } from "@carrel/core";
import type { DownloadReport } from "@carrel/node-stream";
import { tempDirectory } from "@carrel/test-kit";
import { expect } from "vitest";
import { DirectoryContent, DirectoryPlace, publishLibrary, VcspError } from "../../src/index.ts";
import { createServerCertificate } from "../../src/serve.ts";
import type { Subscription, SubscriptionDownloadOptions } from "../../src/subscribe.ts";

export const disk = Buffer.alloc(300_000, "disk of a virtual machine ");
export const ovf = "<Envelope/>";
export const certificate = await createServerCertificate();
export const password = "s3cret: ä";
export const uuid = "6b1a3c5e-0f2d-4a7b-9c8d-1e2f3a4b5c6d";

async function fill(directory: string): Promise<void> {
  await mkdir(join(directory, "Größe 1+1 %"), { recursive: true });
  await writeFile(join(directory, "Größe 1+1 %", "disk+0 %.vmdk"), disk);
  await writeFile(join(directory, "Größe 1+1 %", "vm.ovf"), ovf);
}

export async function publish(directory: string): Promise<void> {
  await using content = await DirectoryContent.list(directory);
  await publishLibrary(new DirectoryPlace(directory), content.items, { name: "Images" });
  await content.save();
}

export interface Published extends AsyncDisposable {
  readonly directory: string;
  /** Where downloads go. */
  readonly out: string;
}

export async function published(): Promise<Published> {
  const folder = await tempDirectory();
  const directory = join(folder.path, "library");
  await fill(directory);
  await publish(directory);
  return { directory, out: join(folder.path, "out"), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

export type Answer = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean> | boolean;

export interface WebServer extends AsyncDisposable {
  readonly url: string;
  /** The path and the range of each request, in order. */
  readonly requests: readonly string[];
}

/** A plain web server for a directory, without ETags, whose answers `answer` may replace. */
export async function serveFiles(directory: string, answer: Answer = () => false): Promise<WebServer> {
  const requests: string[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent((request.url ?? "").slice("/images/".length));
    requests.push([path, request.headers.range].filter(Boolean).join(" "));
    if (await answer(request, response, path)) return;
    const bytes = await readFile(join(directory, path)).catch(() => undefined);
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/images/lib.json`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function onlyItem({ items }: Subscription): string {
  expect(items).toHaveLength(1);
  return items[0]?.id ?? "";
}

export async function save(
  subscription: Subscription,
  out: string,
  options: SubscriptionDownloadOptions = {},
): Promise<DownloadReport> {
  await using task = subscription.download(onlyItem(subscription), out, options);
  return await task.report;
}

export async function problemOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof VcspError || error instanceof TransferError || error instanceof IntegrityError) {
    return error.problem;
  }
  return error;
}

/** Changes what `items.json` states of the disk. */
export async function restate(directory: string, change: (file: Record<string, unknown>) => void): Promise<void> {
  const path = join(directory, "items.json");
  const list = JSON.parse(await readFile(path, "utf8")) as { items: { files: Record<string, unknown>[] }[] };
  for (const file of list.items[0]?.files ?? []) if (file["name"] === "disk+0 %.vmdk") change(file);
  await writeFile(path, JSON.stringify(list));
}
