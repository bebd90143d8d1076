import { describe, expect, it, vi } from "vitest";
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
import { redact } from "../../src/redact.ts";

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
  it.each(everyKind)("$name keeps its cause, shows no secret, and is a CarrelError", (error) => {
    expect(error).toBeInstanceOf(CarrelError);
    expect(error).toBeInstanceOf(Error);
    expect(error.cause).toBe(cause);
    expect(error.name).toBe(error.constructor.name);
    expect(error.message).not.toContain("0f0f");
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      name: error.name,
      code: error.code,
      message: error.message,
    });
    expect(JSON.stringify(error)).not.toContain("0f0f");
  });

  it("is told apart from its siblings", () => {
    for (const error of everyKind) {
      const matching = everyKind.filter((other) => error instanceof (other.constructor as typeof TransferError));
      expect(matching.map((other) => other.name)).toEqual([error.name]);
    }
  });

  it("is recognised by a second copy of the package", async () => {
    vi.resetModules();
    const copy = await import("../../src/index.ts");
    expect(copy.ServerError).not.toBe(ServerError);
    const error = new copy.ServerError("x", { status: 404, errorType: "NOT_FOUND", messages: [] });
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toBeInstanceOf(CarrelError);
    expect(error).not.toBeInstanceOf(TransportError);
  });

  it("leaves a user's own subclass alone", () => {
    class MyError extends TransferError {}
    expect(new MyError("x", { problem: "broken" })).toBeInstanceOf(MyError);
    expect(new MyError("x", { problem: "broken" })).toBeInstanceOf(TransferError);
    expect(new TransferError("x", { problem: "broken" })).not.toBeInstanceOf(MyError);
  });
});

describe("redact", () => {
  it.each([
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
