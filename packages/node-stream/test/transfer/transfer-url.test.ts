import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTransfer } from "../../src/index.ts";
import { readTransferUrl } from "@carrel/core/transfer";
import { startByteServer } from "../support/byte-server.ts";
import { readAll } from "../support/read-all.ts";

const folder = "/cls/data/0123456789abcdef";
const target = (path: string, fileName?: string): string | undefined =>
  readTransferUrl(`https://vc.example.test${path}`, fileName)?.target;

describe("readTransferUrl reads what the server meant:", () => {
  test.for([
    ["a#1.iso", "a%231.iso"],
    ["#.iso", "%23.iso"],
    ["a b.iso", "a%20b.iso"],
    ["a%20b.iso", "a%20b.iso"],
    ["a%2520b.iso", "a%2520b.iso"],
    ["100%.iso", "100%25.iso"],
    ["100%zz.iso", "100%25zz.iso"],
    ["a\\b.iso", "a%5Cb.iso"],
    ["[x]{y}|z^.iso", "%5Bx%5D%7By%7D%7Cz%5E.iso"],
    ['"<a>`.iso', "%22%3Ca%3E%60.iso"],
    ["ü.iso", "%C3%BC.iso"],
    ["%C3%BC.iso", "%C3%BC.iso"],
    ["%c3%bc.iso", "%c3%bc.iso"],
    ["日本.iso", "%E6%97%A5%E6%9C%AC.iso"],
    ["u\u{308}.iso", "u%CC%88.iso"],
    ["\u{1f600}.iso", "%F0%9F%98%80.iso"],
    ["\u{d800}.iso", "%EF%BF%BD.iso"],
    ["a\tb\r\nc.iso", "a%09b%0D%0Ac.iso"],
    ["../x.iso", "../x.iso"],
    ["%2e%2e/x.iso", "%2e%2e/x.iso"],
    ["./x.iso", "./x.iso"],
    ["//x.iso", "//x.iso"],
    ["a;b=c,d+e&f'(g)!*~$@:.iso", "a;b=c,d+e&f'(g)!*~$@:.iso"],
    // A query, as in URLs without a session.
    ["a.iso?version=1", "a.iso?version=1"],
    ["a.iso?v=1#2", "a.iso?v=1%232"],
  ] as const)("%j: %j", ([name, expected]) => {
    expect(target(`${folder}/${name}`)).toBe(`${folder}/${expected}`);
  });

  test.for([
    // Where the URL ends in the exact name, the server has not escaped it.
    ["what?.iso", "what?.iso", "what%3F.iso"],
    ["a%20b.iso", "a%20b.iso", "a%2520b.iso"],
    ["100%41.iso", "100%41.iso", "100%2541.iso"],
    ["a#b?c.iso", "a#b?c.iso", "a%23b%3Fc.iso"],
    // Otherwise it has.
    ["a%20b.iso", "a b.iso", "a%20b.iso"],
    ["a%2520b.iso", "a%20b.iso", "a%2520b.iso"],
    ["what%3F.iso", "what?.iso", "what%3F.iso"],
    ["a.iso?version=1", "a.iso", "a.iso?version=1"],
    ["a.iso", "a.iso", "a.iso"],
  ] as const)("%j, which is %j: %j", ([name, fileName, expected]) => {
    expect(target(`${folder}/${name}`, fileName)).toBe(`${folder}/${expected}`);
  });

  test("any name, escaped or not", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 20 }), (name) => {
        fc.pre(name.trim() === name && !name.includes("/"));
        for (const sent of [encodeURIComponent(name), name]) {
          const asked = target(`${folder}/${sent}`, name) ?? "";
          expect(asked).toMatch(/^[\x21-\x7e]+$/u);
          expect(decodeURIComponent(asked.slice(folder.length + 1))).toBe(name);
        }
      }),
    );
  });

  test("and only HTTP origins", () => {
    expect(readTransferUrl("HTTPS://User:s3cret@VC.example.TEST:443/x")).toEqual({
      protocol: "https:",
      origin: "https://vc.example.test",
      host: "vc.example.test",
      hostname: "vc.example.test",
      target: "/x",
    });
    expect(readTransferUrl(" http://[::1]:8080/x\n")).toMatchObject({ origin: "http://[::1]:8080", target: "/x" });
    expect(readTransferUrl("http://2130706433/x")).toMatchObject({ hostname: "127.0.0.1" });
    expect(readTransferUrl("https://vc")).toMatchObject({ target: "/" });
    expect(readTransferUrl("https://vc?x")).toMatchObject({ target: "/?x" });
    for (const uri of [
      "",
      "x",
      "/x",
      "//vc/x",
      "https:/vc",
      "https:///x",
      "https://",
      "https://a b/x",
      "https://vc:x/y",
      "ds:///x",
    ]) {
      expect(readTransferUrl(uri)).toBeUndefined();
    }
  });
});

test("openTransfer sends a raw # in a transfer URL as part of the name", async () => {
  await using server = await startByteServer((request, response) => {
    const isRight = decodeURIComponent(request.url ?? "") === `${folder}/disk #1?.iso`;
    response.writeHead(isRight ? 200 : 404, { "content-length": 5 }).end("bytes");
  });
  const source = { uri: `${server.origin}${folder}/disk #1?.iso` };
  const seen = await readAll(openTransfer(source, { fileName: "disk #1?.iso" }));
  expect(seen).toMatchObject({ isEnded: true, error: undefined });
  expect(server.requests.map(({ url }) => url)).toEqual([`${folder}/disk%20%231%3F.iso`]);
});

test.for([
  ["ds:///vmfs/volumes/1/x.iso", /DIRECT/u],
  ["ftp://vc/x.iso", /scheme is ftp:\/\//u],
  ["file:///etc/passwd", /scheme is file:\/\//u],
  ["https://", /not a valid URL/u],
  ["junk", /not a valid URL/u],
] as const)("openTransfer rejects %s", async ([uri, message]) => {
  const { error } = await readAll(openTransfer({ uri }));
  expect(error).toMatchObject({ code: "TRANSFER", problem: "endpoint", retryable: false });
  expect(String(error)).toMatch(message);
});

test("readTransferUrl drops user, password and line breaks", async () => {
  await using server = await startByteServer((_request, response) => response.end("bytes"));
  const uri = server.url("/a\r\nx-injected: 1\r\n\r\n").replace("//", "//user:s3cret@");
  expect((await readAll(openTransfer({ uri }))).isEnded).toBe(true);
  const [request] = server.requests;
  expect(request?.headers).not.toHaveProperty("authorization");
  expect(request?.headers).not.toHaveProperty("x-injected");
  expect(request?.url).toBe("/a%0D%0Ax-injected:%201");
});
