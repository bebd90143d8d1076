import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import { rangeOf, serveBytes, startByteServer } from "../support/byte-server.ts";
import type { Answerer, ByteServer } from "../support/byte-server.ts";
import { eventsOf, openDesk } from "./desk.ts";
import type { Desk } from "./desk.ts";

const sizeBytes = 300_000;

interface Elsewhere extends AsyncDisposable {
  readonly desk: Desk;
  readonly bytes: Buffer;
  readonly server: ByteServer;
  /** A client whose transfer URLs lead to the server. */
  readonly client: CarrelClient;
}

/** A simulator whose files are served by another server. */
async function openElsewhere(name: string, answer: (bytes: Buffer) => Answerer): Promise<Elsewhere> {
  // It sees no download, and would wait for one.
  const desk = await openDesk({ report: { checksum: "always", size: "always" }, files: [{ name, sizeBytes }] });
  const bytes = Buffer.from(await desk.item.file(name).bytes());
  const server = await startByteServer(answer(bytes));
  const { simulator } = desk;
  const client = createClient({
    endpoint: simulator.url,
    auth: passwordAuth(simulator.credentials),
    interceptors: [
      async (request, next) => {
        const response = await next(request);
        const text = (await response.text()).replaceAll(
          `${simulator.transferUrl.origin}/cls/`,
          `${server.origin}/cls/`,
        );
        return new Response([204, 205, 304].includes(response.status) ? null : text, response);
      },
    ],
  });
  return {
    desk,
    bytes,
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await desk[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("downloadItem, of a file that is sent with Content-Encoding,", () => {
  const labelled =
    (encode: (bytes: Buffer) => Buffer): ((bytes: Buffer) => Answerer) =>
    (bytes) =>
    (request, response) => {
      response.setHeader("content-encoding", "gzip");
      serveBytes(encode(bytes), request, response);
    };

  test.for(["debian.tgz", "disk.vmdk"])("accepts bytes that are the file's: %s", async (name) => {
    await using elsewhere = await openElsewhere(
      name,
      labelled((bytes) => bytes),
    );
    const { desk, client, bytes } = elsewhere;
    const task = downloadItem(client, desk.item.id, desk.folder.path);
    const events = await eventsOf(task);
    const { origin } = elsewhere.server;
    expect((await task.report).files).toMatchObject([{ verifiedBy: "checksum", origin }]);
    expect(events.find(({ type }) => type === "finished")).toMatchObject({ origin });
    expect((await readFile(desk.folder.join(name))).equals(bytes)).toBe(true);
  });

  test("refuses bytes that are not, names the encoding, and keeps nothing", async () => {
    await using elsewhere = await openElsewhere("disk.vmdk", labelled(gzipSync));
    const { desk, client, server } = elsewhere;
    const failed = downloadItem(client, desk.item.id, desk.folder.path, { factsTimeoutMs: 0 }).report;
    await expect(failed).rejects.toMatchObject({
      code: "INTEGRITY",
      problem: "encoded",
      message: expect.stringMatching(/unrequested encoding "gzip"/u) as string,
    });
    expect(server.requests).toHaveLength(1);
    expect(await desk.names()).toEqual([]);
  });
});

describe("downloadItem, with back ends that name one file differently,", () => {
  test.for([true, false])("reads the file once from the start, in the same run (parts: %s)", async (careless) => {
    const answer =
      (bytes: Buffer): Answerer =>
      (request, response, index) => {
        if (careless) delete request.headers["if-range"];
        const etag = `"node${index % 2}"`;
        const range = rangeOf(request, bytes.length, etag);
        const { first } = typeof range === "object" ? range : { first: 0 };
        response.writeHead(range === undefined ? 200 : 206, {
          "content-length": bytes.length - first,
          etag,
          ...(range !== undefined && { "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` }),
        });
        if (index === 0) response.write(bytes.subarray(0, 150_000), () => response.destroy());
        else response.end(bytes.subarray(first));
      };
    await using elsewhere = await openElsewhere("disk.vmdk", answer);
    const { desk, client, bytes } = elsewhere;
    const { files } = await downloadItem(client, desk.item.id, desk.folder.path).report;
    expect(files).toMatchObject([{ verifiedBy: "checksum" }]);
    expect((await readFile(desk.folder.join("disk.vmdk"))).equals(bytes)).toBe(true);
  });
});
