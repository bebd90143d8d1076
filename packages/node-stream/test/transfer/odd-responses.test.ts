import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { openTransfer } from "../../src/index.ts";
import type { TransferOptions } from "../../src/index.ts";
import { readAll } from "../support/read-all.ts";
import type { Seen } from "../support/read-all.ts";

/** Sends one text to every connection after its request, and closes it. */
async function whenAnswered(
  text: string,
  options: TransferOptions = {},
): Promise<{ readonly seen: Seen; readonly connections: number; readonly origin: string }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
    socket.once("data", () => socket.end(text, "latin1"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const uri = `${origin}/cls/data/0123456789abcdef/disk.vmdk`;
  const seen = await readAll(
    openTransfer({ uri }, { proxy: false, resumeDelayMs: 1, fileName: "disk.vmdk", ...options }),
  );
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
  return { seen, connections, origin };
}

const ok = "HTTP/1.1 200 OK\r\n";
const chunks = "3\r\nabc\r\n0\r\n\r\n";

describe("openTransfer requests a response that is not valid HTTP once, and names the reason:", () => {
  test.for([
    [
      "Content-Length, then Transfer-Encoding",
      `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
      /contradictory lengths/u,
    ],
    [
      "Transfer-Encoding, then Content-Length",
      `${ok}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${chunks}`,
      /Content-Length can't be present with Transfer-Encoding/u,
    ],
    [
      "both, in agreement",
      `${ok}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
      /contradictory lengths/u,
    ],
    ["two lengths", `${ok}Content-Length: 5\r\nContent-Length: 3\r\n\r\nabcde`, /contradictory lengths/u],
    ["a list of lengths", `${ok}Content-Length: 5, 3\r\n\r\nabcde`, /contradictory lengths/u],
    ["a negative length", `${ok}Content-Length: -5\r\n\r\nabcde`, /Content-Length/u],
    ["a length that is no number", `${ok}Content-Length: five\r\n\r\nabcde`, /Content-Length/u],
    [
      "a length out of range",
      `${ok}Content-Length: 99999999999999999999999\r\n\r\nabcde`,
      /contradictory lengths.*out of range/u,
    ],
    ["too many headers", `${ok}X: ${"y".repeat(100_000)}\r\n\r\nabcde`, /headers longer than 16 KiB/u],
    [
      "a folded header",
      `${ok}X: a\r\n b\r\nContent-Length: 5\r\n\r\nabcde`,
      /an invalid HTTP response: Unexpected whitespace/u,
    ],
    ["a NUL in a header", `${ok}X: a\0b\r\nContent-Length: 5\r\n\r\nabcde`, /an invalid HTTP response: /u],
    ["HTTP/0.9", "abcde", /an invalid HTTP response: Expected HTTP\//u],
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n", /an invalid HTTP response/u],
    ["HTTP/2", `HTTP/2 200 OK\r\n\r\nabcde`, /an invalid HTTP response/u],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", /an invalid HTTP response: Invalid status code/u],
    ["100 without being asked", `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 3\r\n\r\nabc`, /status 100/u],
    ["101 without being asked", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", /status 101/u],
  ] as const)("%s", async ([, text, message]) => {
    const { seen, connections, origin } = await whenAnswered(text);
    expect(seen).toMatchObject({ isEnded: false, bytes: Buffer.alloc(0) });
    expect(seen.error).toMatchObject({ code: "TRANSFER", problem: "malformed", retryable: false, origin });
    expect((seen.error as Error).message).toMatch(message);
    expect((seen.error as Error).message).toContain('"disk.vmdk"');
    expect(connections).toBe(1);
    // The bytes that undici read are those of the file, or of someone else.
    expect(inspect(seen.error, { depth: null, showHidden: true })).not.toMatch(/abcde|OpenSSH|0123456789abcdef/u);
  });

  test("garbage between chunks, which it requests once more", async () => {
    const { seen, connections } = await whenAnswered(`${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`);
    expect(seen.error).toMatchObject({ problem: "malformed", retryable: true });
    expect(connections).toBe(2);
  });
});

describe("openTransfer requests once after a status without a file:", () => {
  test.for([204, 205, 304] as const)("%i", async (status) => {
    const { seen, connections } = await whenAnswered(`HTTP/1.1 ${status} X\r\n\r\n`);
    expect(seen.error).toMatchObject({ code: "TRANSFER", status, retryable: false });
    expect(connections).toBe(1);
  });
});

describe("openTransfer accepts an unusual but valid response:", () => {
  test.for([
    ["HTTP/1.0, ended by the connection", "HTTP/1.0 200 OK\r\n\r\nabc"],
    ["HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["102 before it", `HTTP/1.1 102 Processing\r\n\r\n${ok}Content-Length: 3\r\n\r\nabc`],
    ["103 before it", `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${ok}Content-Length: 3\r\n\r\nabc`],
    ["chunks with extensions", `${ok}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX: y\r\n\r\n`],
    ["bytes after its length", `${ok}Content-Length: 3\r\n\r\nabcde`],
    ["no reason", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc"],
  ] as const)("%s", async ([, text]) => {
    const { seen, connections } = await whenAnswered(text);
    expect(seen).toMatchObject({ isEnded: true, error: undefined, bytes: Buffer.from("abc") });
    expect(connections).toBe(1);
  });
});
