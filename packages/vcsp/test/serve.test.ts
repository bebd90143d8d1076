import { once } from "node:events";
import { mkdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { RequestOptions } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { hexDigest, openSockets, StrictSubscriber, tempDirectory } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { DirectoryContent, DirectoryPlace, publishLibrary } from "../src/index.ts";
import { createServerCertificate, serveLibrary } from "../src/serve.ts";
import type { LibraryServer, ServedRequest, ServeOptions, ServerCertificate } from "../src/serve.ts";

const iso = Buffer.alloc(100_000, "iso ");
const isoPath = "/Debian%2013/debian%2B13.iso";

interface Library extends AsyncDisposable {
  readonly directory: string;
  readonly server: LibraryServer;
}

async function serve(options: Partial<ServeOptions> = {}): Promise<Library> {
  const folder = await tempDirectory();
  const directory = join(folder.path, "library");
  await mkdir(join(directory, "Debian 13"), { recursive: true });
  await writeFile(join(directory, "Debian 13", "debian+13.iso"), iso);
  const past = new Date(Date.now() - 60_000);
  await utimes(join(directory, "Debian 13", "debian+13.iso"), past, past);
  await publish(directory);
  const server = await serveLibrary(directory, { certificate: false, ...options });
  return {
    directory,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function publish(directory: string): Promise<void> {
  await using content = await DirectoryContent.list(directory);
  await publishLibrary(new DirectoryPlace(directory), content.items, { name: "Images" });
  await content.save();
}

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function get({ url }: LibraryServer, path: string, options: RequestOptions = {}): Promise<Got> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send({ host: url.hostname, port: url.port, path, agent: false, ...options });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}

test("serveLibrary serves what was published to a strict subscriber, over TLS, with a password", async () => {
  const certificate: ServerCertificate = await createServerCertificate();
  await using library = await serve({ certificate, password: "s3cret: ä" });
  const { server } = library;
  const auth = Buffer.from("vcsp:s3cret: ä").toString("base64");
  const subscriber = new StrictSubscriber(async (href) => {
    const headers = { authorization: `Basic ${auth}` };
    const { status, body } = await get(server, `/${href}`, { headers, ca: certificate.cert, servername: "localhost" });
    return status === 200 ? body : undefined;
  });
  expect(await subscriber.sync()).toBe(true);
  expect(subscriber.items.size).toBe(1);
  expect(server.url.href).toBe(`https://127.0.0.1:${server.port}/lib.json`);
  expect(server.fingerprints).toEqual({
    sha1: expect.stringMatching(/^(?:[\dA-F]{2}:){19}[\dA-F]{2}$/u) as string,
    sha256: expect.stringMatching(/^(?:[\dA-F]{2}:){31}[\dA-F]{2}$/u) as string,
  });
});

describe("serveLibrary answers", () => {
  test("with the ETag of items.json, also to HEAD, to ranges, and to conditions", async () => {
    await using library = await serve();
    const { server } = library;
    const etag = `"${hexDigest("sha256", iso)}"`;
    const whole = await get(server, isoPath, { headers: { "accept-encoding": "gzip, br" } });
    expect(whole).toMatchObject({
      status: 200,
      headers: { etag, "content-length": "100000", "accept-ranges": "bytes" },
    });
    expect(whole.headers).not.toHaveProperty("content-encoding");
    expect(whole.body.equals(iso)).toBe(true);
    expect(await get(server, isoPath, { method: "HEAD" })).toMatchObject({
      status: 200,
      headers: { etag, "content-length": "100000" },
      body: Buffer.alloc(0),
    });
    const range = await get(server, isoPath, { headers: { range: "bytes=10-19", "if-range": etag } });
    expect(range).toMatchObject({ status: 206, headers: { "content-range": "bytes 10-19/100000" } });
    expect(range.body.equals(iso.subarray(10, 20))).toBe(true);
    expect(await get(server, isoPath, { headers: { range: "bytes=10-19", "if-range": '"other"' } })).toMatchObject({
      status: 200,
    });
    expect(await get(server, isoPath, { headers: { range: "bytes=100000-" } })).toMatchObject({
      status: 416,
      headers: { "content-range": "bytes */100000" },
      body: Buffer.alloc(0),
    });
    expect(await get(server, isoPath, { headers: { "if-none-match": etag } })).toMatchObject({ status: 304 });
  });

  test("with another ETag for a file that changed after it was published", async () => {
    await using library = await serve();
    const { headers } = await get(library.server, isoPath);
    await writeFile(join(library.directory, "Debian 13", "debian+13.iso"), Buffer.alloc(100_000, "new"));
    const changed = await get(library.server, isoPath, {
      headers: { range: "bytes=10-", "if-range": headers.etag ?? "" },
    });
    expect(changed.status).toBe(200);
    expect(changed.headers.etag).toMatch(/^"[\da-z]+-[\da-z]+-[\da-z]+"$/u);
    await publish(library.directory);
    const now = await get(library.server, isoPath);
    expect(now.headers.etag).not.toBe(headers.etag);
  });

  test.for([
    "/",
    "/Debian%2013",
    "/Debian%2013/",
    "/nothing",
    "/.carrel-digests.json",
    "/Debian%2013/.hidden",
    "/Debian%2013/other.iso.part",
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/Debian%2013/..%2f..%2fsecret.txt",
    "/..%5csecret.txt",
    "/link.txt",
    "/directory-link/secret.txt",
    "/lib.json%00",
    "/%E0%A4%A",
    "//etc/passwd",
    "/lib.json/",
  ])("404 to %s", async (path) => {
    await using library = await serve();
    const { directory } = library;
    await writeFile(join(directory, "../secret.txt"), "secret");
    await writeFile(join(directory, "Debian 13/.hidden"), "secret");
    await writeFile(join(directory, "Debian 13/other.iso.part"), "secret");
    await symlink("../secret.txt", join(directory, "link.txt"));
    await symlink("..", join(directory, "directory-link"));
    const got = await get(library.server, path);
    expect(got).toMatchObject({ status: 404, body: Buffer.alloc(0) });
  });

  test("405 to anything that would write", async () => {
    await using library = await serve();
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      expect(await get(library.server, "/lib.json", { method })).toMatchObject({
        status: 405,
        headers: { allow: "GET, HEAD" },
      });
    }
    expect(await readFile(join(library.directory, "lib.json"), "utf8")).toContain("Images");
  });

  test.for([undefined, "Basic", "Basic !", "Bearer x", `Basic ${btoa("vcsp:wrong")}`, `Basic ${btoa("other:right")}`])(
    "401 to the authorization %j, before it says what exists",
    async (authorization) => {
      await using library = await serve({ password: "right" });
      for (const path of ["/lib.json", "/nothing"]) {
        const got = await get(library.server, path, authorization === undefined ? {} : { headers: { authorization } });
        expect(got).toMatchObject({
          status: 401,
          headers: { "www-authenticate": 'Basic realm="vcsp", charset="UTF-8"' },
        });
      }
    },
  );

  test("a target that is a whole URL, as a proxy sends it", async () => {
    await using library = await serve();
    expect(await get(library.server, `http://images.example.test${isoPath}`)).toMatchObject({ status: 200 });
  });
});

test("serveLibrary reports each request", async () => {
  const requests: ServedRequest[] = [];
  await using library = await serve({ onRequest: (request) => requests.push(request) });
  await get(library.server, isoPath, { headers: { range: "bytes=0-99" } });
  await get(library.server, "/nothing");
  await expect.poll(() => requests.length).toBe(2);
  expect(requests).toMatchObject([
    { method: "GET", path: isoPath, status: 206, bodyBytes: 100, client: "127.0.0.1", isAborted: false },
    { method: "GET", path: "/nothing", status: 404, bodyBytes: 0, isAborted: false },
  ]);
});

test("serveLibrary refuses a directory that is not a library, or that cannot be read as one", async () => {
  await using folder = await tempDirectory();
  const options = { certificate: false } as const;
  await expect(serveLibrary(folder.path, options)).rejects.toMatchObject({ code: "VCSP", problem: "not-a-library" });
  await writeFile(join(folder.path, "lib.json"), "[]");
  await expect(serveLibrary(folder.path, options)).rejects.toMatchObject({ problem: "unreadable" });
  await expect(serveLibrary(join(folder.path, "nothing"), options)).rejects.toMatchObject({ problem: "disk" });
});

test("serveLibrary says so where the address is in use", async () => {
  await using library = await serve();
  const { port } = library.server;
  await expect(serveLibrary(library.directory, { certificate: false, port })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});

test("a server that is closed lets requests end for a while, then closes their connections", async () => {
  await using folder = await tempDirectory();
  const directory = folder.path;
  await mkdir(join(directory, "a"));
  await writeFile(join(directory, "a/a.iso"), Buffer.alloc(50_000_000));
  await publish(directory);
  const server = await serveLibrary(directory, { certificate: false, closeTimeoutMs: 0 });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {}).write("GET /a/a.iso HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(socket, "readable");
  const ended = once(socket, "close");
  await server[Symbol.asyncDispose]();
  socket.resume();
  await ended;
  await rm(directory, { recursive: true });
  expect(openSockets()).toEqual([]);
});
