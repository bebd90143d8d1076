import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  CarrelError,
  CertificateError,
  IntegrityError,
  PrepareError,
  ProtocolError,
  ServerError,
  SessionLostError,
  TransferError,
  TransportError,
} from "../../src/index.ts";
import { createSecrets, redact, redactDeep } from "../../src/redact.ts";

const cause = new Error("below");
const url = "https://vc.example.test/cls/data/0f0f-1/disk%200.vmdk?x=1";
const everyKind: readonly CarrelError[] = [
  new CertificateError(url, { problem: "not-valid", cause }),
  new IntegrityError(url, { problem: "digest", cause }),
  new PrepareError(url, { cause, fileName: "f" }),
  new ProtocolError(url, { cause }),
  new ServerError(url, { status: 400, errorType: "ERROR", messages: [] }, { cause }),
  new SessionLostError(url, { cause }),
  new TransferError(url, { problem: "broken", cause }),
  new TransportError(url, { cause }),
];

describe("every error", () => {
  test.each(everyKind)("$name keeps its cause, shows no secret, and is a CarrelError", (error) => {
    expect(error).toBeInstanceOf(CarrelError);
    expect(error).toBeInstanceOf(Error);
    expect(error.cause).toMatchObject({ name: "Error", message: "below", stack: cause.stack });
    expect(error.name).toBe(error.constructor.name);
    expect(error.message).not.toContain("0f0f");
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      name: error.name,
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      ...("problem" in error && { problem: error.problem }),
    });
    expect(JSON.stringify(error)).not.toContain("0f0f");
  });

  test("is an instance of its own class only", () => {
    for (const error of everyKind) {
      const matching = everyKind.filter((other) => error instanceof (other.constructor as typeof TransferError));
      expect(matching.map((other) => other.name)).toEqual([error.name]);
    }
  });

  test("is recognised by a second copy of the package", async () => {
    vi.resetModules();
    const copy = await import("../../src/index.ts");
    expect(copy.ServerError).not.toBe(ServerError);
    const error = new copy.ServerError("x", { status: 404, errorType: "NOT_FOUND", messages: [] });
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toBeInstanceOf(CarrelError);
    expect(error).not.toBeInstanceOf(TransportError);
  });

  test("works with a subclass of the user's", () => {
    class MyError extends TransferError {}
    expect(new MyError("x", { problem: "broken" })).toBeInstanceOf(MyError);
    expect(new MyError("x", { problem: "broken" })).toBeInstanceOf(TransferError);
    expect(new TransferError("x", { problem: "broken" })).not.toBeInstanceOf(MyError);
  });
});

describe("a cause", () => {
  test("of Carrel is kept itself", () => {
    const own = new TransportError("below");
    expect(new SessionLostError("x", { cause: own }).cause).toBe(own);
  });

  test("of another kind is copied without its further members, down the whole chain", () => {
    const request = new Request("https://vc.example.test/", { headers: { authorization: "Basic c2VjcmV0" } });
    const bottom = Object.assign(new RangeError(url), { code: "ECONNRESET", request, data: "c2VjcmV0" });
    const own = new TransportError("in between");
    const top = Object.assign(new TypeError("fetch failed", { cause: new AggregateError([bottom, own], "all") }), {
      request,
    });
    const { cause: copy } = new TransportError("x", { cause: top });
    expect(copy).toMatchObject({ name: "TypeError", message: "fetch failed", cause: { name: "AggregateError" } });
    const [first, second] = ((copy as Error).cause as AggregateError).errors as unknown[];
    expect(first).toMatchObject({ name: "RangeError", code: "ECONNRESET" });
    expect(second).toBe(own);
    const shown = inspect(copy, { depth: Infinity, showHidden: true });
    expect(shown).not.toMatch(/c2VjcmV0|0f0f|authorization/);
    expect(shown).toContain("errors.test.ts");
  });

  test.each([
    [url, "https://vc.example.test/cls/data/[redacted]"],
    [{ secret: 1 }, "[object Object]"],
    [7, 7],
    [undefined, undefined],
  ])("that is not an error (%o) is shown as %o", (thrown, shown) => {
    expect(new TransportError("x", { cause: thrown }).cause).toBe(shown);
  });

  test("that contains itself is cut off", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    expect(inspect(new TransportError("x", { cause: loop }), { depth: Infinity })).toContain("loop");
  });
});

describe("redact", () => {
  test.each([
    ["GET https://vc/cls/data/0f0f/disk.vmdk failed", "GET https://vc/cls/data/[redacted] failed"],
    ["ds:///vmfs/volumes/1/disk.vmdk", "ds:///[redacted]"],
    ["https://user:pass@vc.example.test/x", "https://[redacted]@vc.example.test/x"],
    ["vmware-api-session-id: abc123", "vmware-api-session-id: [redacted]"],
    ['{"vmware-api-session-id":"abc123"}', '{"vmware-api-session-id":"[redacted]"}'],
    ["Authorization: Basic YTpi", "Authorization: Basic [redacted]"],
    ['{"password":"hunter2","name":"x"}', '{"password":"[redacted]","name":"x"}'],
    ["nothing secret here", "nothing secret here"],
  ])("turns %s into %s", (text, clean) => {
    expect(redact(text)).toBe(clean);
  });
});

describe("a secret that a client knows", () => {
  const password = 'pä"s\\s w%rd/+';
  const pair = Buffer.from(`reader:${password}`).toString("base64");
  const endpoint = "https://vc.example.test/x/5f2c9d0e8a7b6c5d/disk%200.vmdk?ticket=0123456789abcdef&a=b";
  const sessionId = "9b1c7e52d04f4a6c8e3a";
  const secrets = createSecrets();
  beforeAll(() => {
    secrets.add(sessionId);
    secrets.addAuthorization(`Basic ${pair}`);
    secrets.add("tok");
    secrets.addUrl(endpoint);
  });
  afterAll(() => secrets.clear());

  const json = JSON.stringify(password);
  test.each([
    ["the password", `login of reader:${password} failed`],
    ["the password as JSON", `{"was": ${json}}`],
    ["the password as JSON in JSON", JSON.stringify({ inner: json })],
    ["the password in a URL", `?p=${encodeURIComponent(password)}`],
    ["the password in a form", `p=${new URLSearchParams({ p: password }).toString()}`],
    ["the password in a URL, twice", `?p=${encodeURIComponent(encodeURIComponent(password))}`],
    ["the password in HTML", `<p>${password.replaceAll('"', "&quot;")}</p>`],
    [
      "the password as escaped code points",
      Array.from(password, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
    ],
    ["the password as Base64", `x ${Buffer.from(password).toString("base64")} y`],
    ["the password as Base64 in a URL", `x ${Buffer.from(password).toString("base64url")} y`],
    ["the password in hexadecimal digits", `0x${Buffer.from(password).toString("hex").toUpperCase()}`],
    ["the password in the other normal form", `login of reader:${password.normalize("NFD")} failed`],
    ["the password taken for Latin-1", `login of reader:${Buffer.from(password).toString("latin1")} failed`],
    ["the password in ASCII only", `login of reader:${password.replaceAll("ä", "?")} failed`],
    ["the session id as Base64", `session ${Buffer.from(sessionId).toString("base64")}`],
    ["the session id in hexadecimal digits", `session ${Buffer.from(sessionId).toString("hex")}`],
    ["the credentials as Base64", `bad ${pair}.`],
    ["the credentials as Base64 in a URL", `?c=${encodeURIComponent(pair)}`],
    ["the header", `authorization was Basic ${pair}`],
    ["the URL", `GET ${endpoint} failed`],
    ["the URL's path", "GET /x/5f2c9d0e8a7b6c5d/disk%200.vmdk?ticket=0123456789abcdef&a=b"],
    ["a token of the URL", "no such transfer: 5F2C9D0E8A7B6C5D"],
    ["a ticket of the URL", "unknown ticket 0123456789abcdef"],
  ])("is hidden: %s", (_, text) => {
    const shown = redact(text);
    expect(shown).toContain("[redacted]");
    for (const part of [password, "w%rd", "w%25rd", pair.slice(0, 8), "5f2c9d0e", "0123456789"])
      expect(shown.toLowerCase()).not.toContain(part.toLowerCase());
  });

  test("is hidden only as a word of its own, where it is short", () => {
    expect(redact("tok, a token of stock")).toBe("[redacted], a token of stock");
  });

  test("is hidden in data, at any depth, and in names of members", () => {
    expect(redactDeep({ a: [{ [password]: 1, b: endpoint }], session_id: "unknown", n: null })).toEqual({
      a: [{ "[redacted]": 1, b: "[redacted]" }],
      session_id: "[redacted]",
      n: null,
    });
  });

  test("is remembered where many others share it, however many there are", () => {
    const many = createSecrets();
    for (let file = 0; file < 1_000; file++) many.addUrl(`https://vc.example.test/y/00112233445566778899/${file}.vmdk`);
    expect(redact("no transfer 00112233445566778899, no /y/00112233445566778899/999.vmdk")).not.toContain("001122");
    many.clear();
  });

  test("is forgotten when the last client that knows it has closed", () => {
    const others = [createSecrets(), createSecrets()];
    for (const other of others) other.add("shared-secret");
    others[0]?.clear();
    expect(redact("shared-secret")).toBe("[redacted]");
    others[1]?.clear();
    expect(redact("shared-secret")).toBe("shared-secret");
  });
});
