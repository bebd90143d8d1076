// How vcsim behaves where Carrel relies on it. These tests use plain HTTPS requests and nothing of Carrel: when one of
// them fails after a new release of govmomi, it is vcsim that has changed.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ApiSession,
  countApiSessions,
  listDownloadSessions,
  openApiSession,
  textOf,
  type SeededLibrary,
  seededContent,
  seedLibrary,
  sha256Of,
  startVcsim,
  type Vcsim,
} from "../src/index.ts";
import { sendPinned } from "../src/https-request.ts";

const large = 64 * 1024 * 1024;
const sessions = "/content/library/item/download-session";
const files = "/content/library/item/downloadsession/file";

interface DownloadFile {
  readonly name: string;
  readonly status: string;
  readonly size?: number;
  readonly checksum_info?: object;
  readonly download_endpoint?: { readonly uri: string; readonly ssl_certificate_thumbprint?: string };
}

let vcsim: Vcsim;
let session: ApiSession;
let seeded: SeededLibrary;

const createSession = async (): Promise<string> =>
  (await session.call("POST", sessions, { create_spec: { library_item_id: seeded.itemId } })) as string;

const prepare = async (id: string, name: string): Promise<DownloadFile> =>
  (await session.call("POST", `${files}/id:${id}?~action=prepare`, { file_name: name })) as DownloadFile;

const transferUrl = async (id: string, name: string): Promise<string> =>
  (await prepare(id, name)).download_endpoint?.uri ?? expect.fail("no transfer URL");

beforeAll(async () => {
  vcsim = await startVcsim();
  session = await openApiSession(vcsim);
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await vcsim[Symbol.asyncDispose]();
});

describe("the server", () => {
  test("presents Go's fixed test certificate, which names 127.0.0.1", () => {
    expect(vcsim.thumbprint).toBe(
      "4C:3D:58:C2:80:EA:08:A0:67:53:79:A8:D5:3B:7C:77:6A:8A:40:EE:D1:80:4E:17:26:39:5B:D7:07:23:D4:D8",
    );
  });

  test("refuses a wrong password with 401 and nothing else", async () => {
    const answer = await sendPinned(new URL("/rest/com/vmware/cis/session", vcsim.url), {
      certificate: vcsim.certificate,
      method: "POST",
      headers: { authorization: `Basic ${btoa("administrator@vsphere.local:wrong")}` },
    });
    expect(answer.statusCode).toBe(401);
    expect(await textOf(answer)).toBe("");
  });

  test("answers 401 without a body when the session header is missing or stale", async () => {
    const answer = await session.send("GET", "/rest/com/vmware/content/library", {
      headers: { "vmware-api-session-id": "stale" },
    });
    expect(answer.statusCode).toBe(401);
    expect(await textOf(answer)).toBe("");
  });

  test.for(["/api/session", "/api/content/library", "/api/content/library/item/download-session"])(
    "does not know the modern style: %s is a plain-text 404",
    async (path) => {
      const answer = await session.send("POST", path);
      expect(answer.statusCode).toBe(404);
      expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
      expect(await textOf(answer)).toBe("404 page not found\n");
    },
  );
});

test("sends empty lists as null", async () => {
  for (const [method, path, body] of [
    ["GET", "/content/library", undefined],
    ["POST", "/content/library?~action=find", '{"spec":{"name":"none"}}'],
    ["GET", "/content/library/item/download-session", undefined],
  ] as const) {
    const answer = await session.send(method, `/rest/com/vmware${path}`, body === undefined ? {} : { body });
    expect(answer.statusCode).toBe(200);
    expect(await textOf(answer)).toBe('{"value":null}\n');
  }
});

describe("an item of three files", () => {
  beforeAll(async () => {
    seeded = await seedLibrary(vcsim, {
      library: "Images",
      item: "three files",
      files: [
        { name: "empty.nvram", sizeBytes: 0 },
        { name: "small.txt", sizeBytes: 1234 },
        { name: "large.iso", sizeBytes: large },
      ],
    });
  });

  test("lists every file with its size and no checksum", async () => {
    const found = (await session.call(
      "GET",
      `/content/library/item/file?library_item_id=${seeded.itemId}`,
    )) as object[];
    expect(found).toEqual(
      seeded.files.map(({ name, sizeBytes }) => ({ name, size: sizeBytes, cached: true, version: "1" })),
    );
  });

  test("gives a download session an hour, and keep-alive starts the hour again", async () => {
    const id = await createSession();
    const first = (await session.call("GET", `${sessions}/id:${id}`)) as Record<string, string>;
    expect(first).toMatchObject({ id, library_item_id: seeded.itemId, state: "ACTIVE" });
    await session.call("POST", `${sessions}/id:${id}?~action=keep-alive`, { progress: 10 });
    const second = (await session.call("GET", `${sessions}/id:${id}`)) as Record<string, string>;
    const [before, after] = [first, second].map((model) => Date.parse(model["expiration_time"] ?? ""));
    expect(after).toBeGreaterThan(before ?? Number.NaN);
    expect(after).toBeGreaterThan(Date.now() + 50 * 60_000);
    await session.call("DELETE", `${sessions}/id:${id}`);
  });

  test.for(["cancel", "fail"])("deletes the session on %s", async (action) => {
    const id = await createSession();
    expect(await listDownloadSessions(vcsim)).toEqual([id]);
    await session.call("POST", `${sessions}/id:${id}?~action=${action}`, { client_error_message: "test" });
    expect(await listDownloadSessions(vcsim)).toEqual([]);
  });

  test("answers for an unknown session with a plain-text 404, and with 200 to an unknown action", async () => {
    const unknown = await session.send("GET", `/rest/com/vmware${sessions}/id:unknown`);
    expect(unknown.statusCode).toBe(404);
    expect(unknown.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(await textOf(unknown)).toBe("404 page not found\n");

    const id = await createSession();
    const action = await session.send("POST", `/rest/com/vmware${sessions}/id:${id}?~action=unknown`);
    expect(action.statusCode).toBe(200);
    expect(await textOf(action)).toBe("");
    await session.call("DELETE", `${sessions}/id:${id}`);
  });

  test("prepares at once, on its own origin, even a file that does not exist", async () => {
    const id = await createSession();
    const listed = (await session.call("GET", `${files}?download_session_id=${id}`)) as DownloadFile[];
    expect(listed.map(({ name }) => name).toSorted()).toEqual(["empty.nvram", "large.iso", "small.txt"]);
    for (const file of listed) expect(file).toMatchObject({ status: "UNPREPARED", bytes_transferred: 0 });

    for (const name of ["small.txt", "no-such-file"]) {
      const prepared = await prepare(id, name);
      expect(prepared.status).toBe("PREPARED");
      expect(new URL(prepared.download_endpoint?.uri ?? "").origin).toBe(vcsim.url);
      expect(prepared.download_endpoint).not.toHaveProperty("ssl_certificate_thumbprint");
      expect(prepared).not.toHaveProperty("size");
      expect(prepared).not.toHaveProperty("checksum_info");
    }
    const missing = await session.send("GET", await transferUrl(id, "no-such-file"));
    expect(missing.statusCode).toBe(500);
    missing.resume();
    await session.call("DELETE", `${sessions}/id:${id}`);
  });

  test("sends back what was uploaded: chunked, without a length, in whole whatever Range says", async () => {
    const id = await createSession();
    for (const file of seeded.files) {
      const url = await transferUrl(id, file.name);
      const answer = await session.send("GET", url, { headers: { range: "bytes=100-199" } });
      expect(answer.statusCode).toBe(200);
      for (const header of ["accept-ranges", "content-range", "etag", "last-modified"]) {
        expect(answer.headers).not.toHaveProperty(header);
      }
      // Go states a length of its own accord when the whole body fits into its first buffer of 2 KiB.
      expect(answer.headers["content-length"]).toBe(file.sizeBytes < 2048 ? `${file.sizeBytes}` : undefined);
      expect(answer.headers["transfer-encoding"]).toBe(file.sizeBytes < 2048 ? undefined : "chunked");

      const hash = createHash("sha256");
      for await (const chunk of answer) hash.update(chunk as Uint8Array);
      expect({ name: file.name, sha256: hash.digest("hex") }).toEqual({ name: file.name, sha256: file.sha256 });
      expect(file.sha256).toBe(sha256Of(seededContent(file.name, file.sizeBytes)));
    }
    await session.call("DELETE", `${sessions}/id:${id}`);
  });

  test("requires the session header at the transfer URL, and has no HEAD", async () => {
    const id = await createSession();
    const url = new URL(await transferUrl(id, "small.txt"));
    const bare = await sendPinned(url, { certificate: vcsim.certificate, method: "GET" });
    expect(bare.statusCode).toBe(401);
    bare.resume();
    const head = await session.send("HEAD", url.href);
    expect(head.statusCode).toBe(405);
    head.resume();
    await session.call("DELETE", `${sessions}/id:${id}`);
    const deleted = await session.send("GET", url.href);
    expect(deleted.statusCode).toBe(404);
    deleted.resume();
  });

  test("lets every call wait for the body that is being sent", async () => {
    const id = await createSession();
    const body = await session.send("GET", await transferUrl(id, "large.iso"));
    let received = 0;
    let receivedBefore: number | undefined;
    const call = session.call("GET", `${sessions}/id:${id}`).then(() => (receivedBefore = received));
    for await (const chunk of body) received += (chunk as Uint8Array).byteLength;
    await call;
    expect(received).toBe(large);
    // The end of the body may still be on its way in socket buffers.
    expect(receivedBefore).toBeGreaterThan(large / 2);
    await session.call("DELETE", `${sessions}/id:${id}`);
  });

  test("keeps no session that was deleted", async () => {
    expect(await listDownloadSessions(vcsim)).toEqual([]);
    // One is this file's own login.
    await expect.poll(() => countApiSessions(vcsim.journal)).toBe(1);
  });
});
