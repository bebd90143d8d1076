import { CertificateError } from "@carrel/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNodeFetch } from "../../src/index.ts";
import { startByteServer } from "../support/byte-server.ts";
import type { ByteServer } from "../support/byte-server.ts";
import { makeCertificate } from "@carrel/test-kit";
import type { TestCertificate } from "@carrel/test-kit";

let certificate: TestCertificate;
let other: TestCertificate;
let server: ByteServer;

beforeAll(async () => {
  certificate = await makeCertificate();
  other = await makeCertificate();
  server = await startByteServer(
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (request.url === "/nothing") response.writeHead(204).end();
        else if (request.url === "/reason")
          request.socket.end(Buffer.from("HTTP/1.1 503 Nicht verf\xfcgbar\r\ncontent-length: 0\r\n\r\n", "latin1"));
        else if (request.url === "/odd") request.socket.end("HTTP/1.1 999 No\r\ncontent-length: 2\r\n\r\n[]");
        else
          response
            .writeHead(200, {
              "content-type": "application/json",
              "x-seen": request.headers["content-length"] ?? "none",
            })
            .end(JSON.stringify({ method: request.method, body: Buffer.concat(chunks).toString() }));
      });
    },
    { cert: certificate.pem, key: certificate.key },
  );
});
afterAll(() => server[Symbol.asyncDispose]());

async function causeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error as Error).cause,
  );
}

describe("createNodeFetch", () => {
  test.for(["sha1", "sha256"] as const)("accepts the certificate pinned by %s, in any spelling", async (kind) => {
    const thumbprint = certificate[kind];
    for (const spelling of [thumbprint, thumbprint.toLowerCase(), thumbprint.replaceAll(":", "")]) {
      await using fetch = createNodeFetch({ thumbprint: spelling });
      const response = await fetch(server.url("/api"));
      expect(response).toBeInstanceOf(Response);
      expect(response.url).toBe(server.url("/api"));
      expect(await response.json()).toEqual({ method: "GET", body: "" });
    }
  });

  test("accepts a status text in another language, and a status outside of the standard", async () => {
    await using fetch = createNodeFetch({ thumbprint: certificate.sha256 });
    const reason = await fetch(server.url("/reason"));
    expect([reason.status, reason.statusText]).toEqual([503, "Nicht verf?gbar"]);
    const odd = await fetch(server.url("/odd"));
    expect([odd.status, odd.ok, await odd.text()]).toEqual([999, false, "[]"]);
  });

  test("accepts a Request with a body and sends its length", async () => {
    await using fetch = createNodeFetch({ thumbprint: certificate.sha256 });
    const response = await fetch(new Request(server.url("/api"), { method: "POST", body: "hello" }));
    expect(response.headers.get("x-seen")).toBe("5");
    expect(await response.json()).toEqual({ method: "POST", body: "hello" });
    expect((await fetch(server.url("/nothing"))).status).toBe(204);
  });

  test("validates as usual with a ca, name included", async () => {
    await using fetch = createNodeFetch({ ca: certificate.pem });
    expect((await fetch(server.url("/api"))).status).toBe(200);
    const elsewhere = await makeCertificate([{ value: "elsewhere.example.test" }]);
    await using misnamed = await startByteServer((_request, response) => response.end("no"), {
      cert: elsewhere.pem,
      key: elsewhere.key,
    });
    await using strict = createNodeFetch({ ca: elsewhere.pem });
    const cause = await causeOf(strict(misnamed.url("/api")));
    expect(cause).toBeInstanceOf(CertificateError);
    expect((cause as Error).message).toContain("is not for 127.0.0.1: it names elsewhere.example.test");
    // A TLS session that is left from the first attempt must not bypass the check of the name.
    expect(await causeOf(strict(misnamed.url("/api")))).toBeInstanceOf(CertificateError);
    expect(misnamed.requests).toHaveLength(0);
    // With a pin, the name is not checked.
    await using pinned = createNodeFetch({ thumbprint: elsewhere.sha1 });
    expect(await (await pinned(misnamed.url("/api"))).text()).toBe("no");
  });

  test("refuses an unknown certificate, carries its fingerprints, and sends nothing", async () => {
    await using fetch = createNodeFetch();
    const before = server.requests.length;
    const cause = await causeOf(fetch(server.url("/api"), { headers: { authorization: "Basic c2VjcmV0" } }));
    expect(cause).toBeInstanceOf(CertificateError);
    const { message } = cause as Error;
    for (const part of [certificate.sha1, certificate.sha256, "is self-signed"]) expect(message).toContain(part);
    const { problem, seen } = cause as CertificateError;
    expect({ problem, seen }).toEqual({
      problem: "not-valid",
      seen: { sha1: certificate.sha1, sha256: certificate.sha256 },
    });
    expect(server.requests).toHaveLength(before);
  });

  test("refuses a wrong pin on a host where the right one has just been used", async () => {
    await using right = createNodeFetch({ thumbprint: certificate.sha256 });
    expect((await right(server.url("/api"))).status).toBe(200);
    await using wrong = createNodeFetch({ thumbprint: other.sha256 });
    const before = server.requests.length;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const cause = await causeOf(wrong(server.url("/api")));
      expect(cause).toBeInstanceOf(CertificateError);
      expect((cause as Error).message).toContain(other.sha256);
    }
    expect(server.requests).toHaveLength(before);
    expect((await right(server.url("/api"))).status).toBe(200);
  });

  test("rejects with the signal's reason", async () => {
    await using fetch = createNodeFetch({ thumbprint: certificate.sha256 });
    const reason = new Error("enough");
    await expect(fetch(server.url("/api"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("states what a thumbprint looks like", () => {
    expect(() => createNodeFetch({ thumbprint: "AB:CD" })).toThrow(/it has 4 hexadecimal digits: SHA-1 has 40/u);
  });

  test("closes the sockets on disposal", async () => {
    const fetch = createNodeFetch({ thumbprint: certificate.sha256 });
    await (await fetch(server.url("/api"))).text();
    expect(server.sockets.size).toBe(1);
    await fetch[Symbol.asyncDispose]();
    await expect.poll(() => server.sockets.size).toBe(0);
  });
});
