import { foldDownloadEvent, initialDownloadState, IntegrityError, SessionLostError, TransferError } from "@carrel/core";
import type { DownloadEvent } from "@carrel/core";
import { downloadItem, fileResponse, openFile, openItemFile, openTransfer, readBlob } from "@carrel/web-stream";
import type { FileStreamOptions, TransferOptions } from "@carrel/web-stream";
import { describe, expect, test } from "vitest";
import { openLibrary } from "./library.ts";
import type { Library, Servers } from "./library.ts";
import { fileName, itemId, sizeBytes } from "./shared.ts";

const middle = 1_500_000;
const hasty: FileStreamOptions = { resumeDelayMs: 1, resumeLimit: 2, factsTimeoutMs: 100 };

async function sha256(blob: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads a file of the item to its end; returns what became of it, with the number of bytes that came before. */
async function read(library: Library, options: FileStreamOptions = hasty): Promise<{ error: unknown; bytes: number }> {
  const reader = (await openItemFile(library.client, itemId, fileName, options)).getReader();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { error: undefined, bytes };
      bytes += value.byteLength;
    }
  } catch (error) {
    return { error, bytes };
  }
}

/** The table: what holds on every platform. */
export function describeStreams(platform: string, servers: Servers): void {
  describe(`web streams in ${platform}`, () => {
    test("a file arrives whole and verified, and its session and login are ended", async () => {
      await using library = await openLibrary(servers);
      const stream = await openItemFile(library.client, itemId, fileName);
      expect(await stream.opened).toMatchObject({ totalBytes: sizeBytes, acceptsRanges: true });
      const blob = await readBlob(stream);
      expect(await sha256(blob)).toBe(await library.sha256(fileName));
      expect(stream.facts).toMatchObject({ verifiedBy: "checksum", sizeBytes, resumes: 0 });
      expect((await library.view()).transfers).toMatchObject([{ range: "bytes=0-" }]);
    });

    test("an empty file arrives", async () => {
      await using library = await openLibrary(servers, { files: [{ name: "empty", text: "" }] });
      const stream = await openItemFile(library.client, itemId, "empty", hasty);
      expect((await readBlob(stream)).size).toBe(0);
      expect(stream.facts).toMatchObject({ verifiedBy: "length", sizeBytes: 0 });
    });

    test("a cut connection is resumed where it broke", async () => {
      await using library = await openLibrary(servers, {
        faults: [{ on: "transfer", kind: "shortClose", atByte: middle }],
      });
      const resumed: number[] = [];
      const stream = await openItemFile(library.client, itemId, fileName, {
        ...hasty,
        onResume: ({ fromByte }) => resumed.push(fromByte),
      });
      const blob = await readBlob(stream);
      expect(await sha256(blob)).toBe(await library.sha256(fileName));
      expect(stream.facts).toMatchObject({ verifiedBy: "checksum", resumes: 1, fetchedBytes: sizeBytes });
      const { transfers } = await library.view();
      expect(transfers.map(({ range }) => range)).toEqual(["bytes=0-", `bytes=${resumed[0]}-`]);
    });

    test("a server without ranges sends the file again, and what was delivered before is compared", async () => {
      await using library = await openLibrary(servers, {
        transfer: { ranges: false },
        faults: [{ on: "transfer", kind: "shortClose", atByte: middle }],
      });
      const stream = await openItemFile(library.client, itemId, fileName, hasty);
      expect(await sha256(await readBlob(stream))).toBe(await library.sha256(fileName));
      expect(stream.facts).toMatchObject({ verifiedBy: "checksum", resumes: 1 });
    });

    test("a truncated file does not end", async () => {
      const transfer = { contentLength: false, ranges: false };
      const report = { size: "never", checksum: "prepared" } as const;
      await using library = await openLibrary(servers, {
        transfer,
        report,
        faults: [{ on: "transfer", kind: "truncate", atByte: middle, times: "always" }],
      });
      const { error } = await read(library);
      expect(error).toBeInstanceOf(IntegrityError);
    });

    test("the last bytes of a file with a wrong digest are not delivered", async () => {
      await using library = await openLibrary(servers, {
        faults: [{ on: "transfer", kind: "corrupt", atByte: 5, times: "always" }],
      });
      const { error, bytes } = await read(library);
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error).toMatchObject({ problem: "digest" });
      expect(bytes).toBeLessThan(sizeBytes);
    });

    test("a file that changes in the middle is not put together from two versions", async () => {
      await using library = await openLibrary(servers, {
        faults: [
          { on: "transfer", kind: "shortClose", atByte: middle },
          { on: "transfer", kind: "changeContent", file: fileName, use: 2 },
        ],
      });
      const { error } = await read(library);
      expect(error).toBeInstanceOf(IntegrityError);
    });

    test("a login page in place of the file is refused", async () => {
      await using library = await openLibrary(servers, { faults: [{ on: "transfer", kind: "htmlPage" }] });
      const { error, bytes } = await read(library);
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error).toMatchObject({ problem: "not-the-file" });
      expect(bytes).toBe(0);
    });

    test("a reader that cancels ends the request and the session", async () => {
      await using library = await openLibrary(servers, { transfer: { bytesPerSecond: 1_000_000 } });
      const stream = await openItemFile(library.client, itemId, fileName);
      const reader = stream.getReader();
      await reader.read();
      await reader.cancel();
      expect((await library.view()).openSessions).toBe(0);
    });

    test("an abort fails the stream with its reason, also while nobody reads", async () => {
      await using library = await openLibrary(servers);
      const abort = new AbortController();
      const stream = await openItemFile(library.client, itemId, fileName, { signal: abort.signal });
      await stream.opened;
      const reason = new Error("enough");
      abort.abort(reason);
      await expect(stream.getReader().read()).rejects.toBe(reason);
      await expect.poll(async () => (await library.view()).openSessions).toBe(0);
    });

    test("a silent server counts as an interruption, and a slow reader does not", async () => {
      await using library = await openLibrary(servers, {
        faults: [{ on: "transfer", kind: "stall", atByte: middle }],
      });
      const causes: unknown[] = [];
      const stream = await openItemFile(library.client, itemId, fileName, {
        ...hasty,
        stallTimeoutMs: 200,
        onResume: ({ cause }) => causes.push(cause),
      });
      const reader = stream.getReader();
      await reader.read();
      await new Promise((resolve) => setTimeout(resolve, 400));
      for (let isDone = false; !isDone;) isDone = (await reader.read()).done;
      expect(causes).toMatchObject([{ problem: "stalled" }]);
      expect(stream.facts).toMatchObject({ verifiedBy: "checksum", resumes: 1 });
    });

    test("a session that is lost in the middle is replaced by another one", async () => {
      await using library = await openLibrary(servers, {
        faults: [{ on: "transfer", kind: "expireSession", atByte: middle }],
      });
      const stream = await openItemFile(library.client, itemId, fileName, hasty);
      expect(await sha256(await readBlob(stream))).toBe(await library.sha256(fileName));
      expect((await library.view()).calls["downloadSession.create"]).toBe(2);
    });

    test("openFile fails at once when its lease is closed", async () => {
      await using library = await openLibrary(servers);
      const lease = await library.client.lease(itemId);
      const stream = await openFile(lease, fileName);
      await lease.close();
      const error = await stream
        .getReader()
        .read()
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SessionLostError);
      expect(error).toMatchObject({ problem: "closed" });
      await expect(openFile(lease, fileName)).rejects.toMatchObject({ problem: "closed" });
    });

    test("an OVF manifest verifies a file, and contradicts another", async () => {
      const text = "<Envelope/>";
      const good = await sha256(new Blob([text]));
      const manifest = `SHA256(a.ovf)= ${good}\nSHA256(b.vmdk)= ${good}\n`;
      await using library = await openLibrary(servers, {
        report: { checksum: "never" },
        files: [
          { name: "a.ovf", text },
          { name: "b.vmdk", text: "other" },
          { name: "c.mf", text: manifest },
        ],
      });
      const stream = await openItemFile(library.client, itemId, "a.ovf", hasty);
      expect(await (await readBlob(stream)).text()).toBe(text);
      expect(stream.facts).toMatchObject({ verifiedBy: "manifest" });
      const wrong = await openItemFile(library.client, itemId, "b.vmdk", hasty);
      await expect(readBlob(wrong)).rejects.toMatchObject({ problem: "digest" });
      const before = (await library.view()).transfers.length;
      const ignore = async (): Promise<WritableStream<Uint8Array>> => new WritableStream();
      const task = downloadItem(library.client, itemId, ignore, { ...hasty, files: ["a.ovf", "b.vmdk"] });
      await expect(task.report).rejects.toMatchObject({ problem: "digest" });
      // Both files, and the manifest once.
      expect((await library.view()).transfers).toHaveLength(before + 3);
    });

    test("fileResponse states length, type and name", async () => {
      await using library = await openLibrary(servers);
      const stream = await openItemFile(library.client, itemId, fileName);
      const response = await fileResponse(stream, { fileName });
      expect(Object.fromEntries(response.headers)).toEqual({
        "content-type": "application/octet-stream",
        "content-length": String(sizeBytes),
        "content-disposition": `attachment; filename="disk 0 gr__er.iso"; filename*=UTF-8''disk%200%20gr%C3%B6%C3%9Fer.iso`,
        "x-content-type-options": "nosniff",
      });
      expect(await sha256(await response.blob())).toBe(await library.sha256(fileName));
    });

    test("readBlob refuses a file that is too large, before most of it has arrived", async () => {
      await using library = await openLibrary(servers);
      const stream = await openItemFile(library.client, itemId, fileName);
      await expect(readBlob(stream, { limitBytes: 1_000 })).rejects.toThrow(RangeError);
    });

    test("openTransfer delivers a part, and refuses what it cannot do", async () => {
      await using library = await openLibrary(servers);
      const lease = await library.client.lease(itemId);
      const endpoint = await lease.endpoint(fileName);
      const part = openTransfer(endpoint, { startByte: 10, endByte: 109 });
      expect((await readBlob(part)).size).toBe(100);
      expect(part.facts).toMatchObject({ verifiedBy: "nothing" });
      await lease.close();
      const pinned = { thumbprint: "AA:BB" } as TransferOptions;
      expect(() => openTransfer(endpoint, pinned)).toThrow(
        new TypeError(
          "Cannot use thumbprint: fetch connects by itself, and shows no certificate that could be compared",
        ),
      );
      const refused: readonly (readonly [string, string])[] = [
        ["https://vc.example.test/x/%2e%2e/y", "fetch would request another path"],
        ["http://169.254.169.254/latest", "is a link-local address"],
        ["ds:///vmfs/volumes/x", "DIRECT location"],
      ];
      for (const [uri, reason] of refused) {
        const stream = openTransfer({ uri });
        const error = await readBlob(stream).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(TransferError);
        expect(error).toMatchObject({ problem: "endpoint", message: expect.stringContaining(reason) as string });
      }
    });

    test("downloadItem reports each file by the events that core folds", async () => {
      await using library = await openLibrary(servers, {
        files: [
          { name: "a.iso", sizeBytes },
          { name: "b.txt", text: "hello" },
        ],
      });
      const written = new Map<string, Uint8Array[]>();
      const open = async (name: string): Promise<WritableStream<Uint8Array>> => {
        const blocks: Uint8Array[] = [];
        return new WritableStream({
          write: (block) => void blocks.push(block),
          close: () => void written.set(name, blocks),
        });
      };
      const task = downloadItem(library.client, itemId, open);
      let state = initialDownloadState;
      const types = new Set<DownloadEvent["type"]>();
      for await (const event of task) {
        types.add(event.type);
        state = foldDownloadEvent(state, event, performance.now());
      }
      expect([...types]).toEqual(expect.arrayContaining(["session", "plan", "transferring", "finished", "done"]));
      expect(state).toMatchObject({ phase: "done", percent: 100 });
      expect((await task.report).files).toMatchObject([
        { name: "a.iso", sizeBytes, verifiedBy: "checksum" },
        { name: "b.txt", sizeBytes: 5, verifiedBy: "checksum" },
      ]);
      expect(await sha256(new Blob((written.get("a.iso") ?? []) as BlobPart[]))).toBe(await library.sha256("a.iso"));
    });

    test("downloadItem aborts what it writes where a file is damaged, and downloads the others", async () => {
      await using library = await openLibrary(servers, {
        files: [
          { name: "a.iso", sizeBytes },
          { name: "b.txt", text: "hello" },
        ],
        faults: [{ on: "transfer", file: "a.iso", kind: "corrupt", atByte: 5, times: "always" }],
      });
      const ends: string[] = [];
      const open = async (name: string): Promise<WritableStream<Uint8Array>> =>
        new WritableStream({
          close: () => void ends.push(`closed ${name}`),
          abort: () => void ends.push(`aborted ${name}`),
        });
      const task = downloadItem(library.client, itemId, open, hasty);
      await expect(task.report).rejects.toMatchObject({ code: "INTEGRITY", problem: "digest" });
      expect(ends).toEqual(["aborted a.iso", "closed b.txt"]);
      const none = downloadItem(library.client, itemId, open, { files: ["nothing"] });
      await expect(none.report).rejects.toMatchObject({ code: "TRANSFER", problem: "no-match" });
    });

    test("downloadItem that is closed ends its session", async () => {
      await using library = await openLibrary(servers, { transfer: { bytesPerSecond: 1_000_000 } });
      const ends: string[] = [];
      const target = new WritableStream<Uint8Array>({ abort: () => void ends.push("aborted") });
      const task = downloadItem(library.client, itemId, async () => target);
      for await (const { type } of task) if (type === "transferring") break;
      await expect(task.report).rejects.toMatchObject({ name: "AbortError" });
      expect(ends).toEqual(["aborted"]);
    });
  });
}
