import { describe, expect, test } from "vitest";
import { readFailure } from "../../src/wire/failure.ts";

const message = { id: "com.vmware.vdcs.cls-main.x", default_message: "No such thing.", args: ["thing"] };
const json = (status: number, body: unknown) => ({
  status,
  contentType: "application/json",
  text: JSON.stringify(body),
});

describe("readFailure", () => {
  test.each([
    ["modern", json(404, { error_type: "NOT_FOUND", messages: [message] })],
    [
      "legacy of 7.0",
      json(404, {
        type: "com.vmware.vapi.std.errors.not_found",
        value: { error_type: "NOT_FOUND", messages: [message] },
      }),
    ],
    ["legacy of 6.7", json(404, { type: "com.vmware.vapi.std.errors.not_found", value: { messages: [message] } })],
    [
      "older",
      json(404, {
        name: "com.vmware.vapi.rest.httpNotFound",
        localizableMessages: [{ id: message.id, defaultMessage: message.default_message, args: ["thing"] }],
        majorErrorCode: 404,
      }),
    ],
    [
      "mixed",
      json(404, {
        name: "com.vmware.vapi.rest.httpNotFound",
        type: "com.vmware.vapi.std.errors.not_found",
        value: { messages: [message] },
        majorErrorCode: 404,
      }),
    ],
  ])("reads the %s shape", (_, answer) => {
    expect(readFailure(answer)).toEqual({ status: 404, errorType: "NOT_FOUND", messages: [message] });
  });

  test.each([
    { type: "ISO", name: "debian" },
    { type: "iso", name: "debian.iso" },
    { type: "LOCAL", name: "com.example.images" },
    { type: 7, name: { text: "x" } },
  ])("does not mistake an item or a library for an error: %j", (model) => {
    expect(readFailure(json(404, { id: "1", ...model }))).toBeUndefined();
    expect(readFailure(json(404, { value: { id: "1", ...model } }))).toBeUndefined();
    expect(readFailure(json(503, { id: "1", ...model }))).toMatchObject({ errorType: "SERVICE_UNAVAILABLE" });
  });

  test("reads the error type from any member that has it", () => {
    const type = "com.vmware.vapi.std.errors.resource_busy";
    expect(readFailure(json(400, { type, value: { error_type: 7, messages: [] } }))).toMatchObject({
      errorType: "RESOURCE_BUSY",
    });
  });

  test("decides by the error type, not by the status", () => {
    expect(
      readFailure(json(400, { type: "com.vmware.vapi.std.errors.resource_busy", value: { messages: [] } })),
    ).toMatchObject({ errorType: "RESOURCE_BUSY" });
    expect(readFailure(json(500, { error_type: "RESOURCE_BUSY", messages: [] }))).toMatchObject({
      errorType: "RESOURCE_BUSY",
    });
  });

  test("keeps data, challenge, parameters and the localized text", () => {
    const full = { ...message, params: [{ key: "a", value: { s: "b" } }], localized: "Gibt es nicht." };
    expect(
      readFailure(
        json(401, { error_type: "UNAUTHENTICATED", messages: [full], data: { a: 1 }, challenge: "SIGN realm=x" }),
      ),
    ).toEqual({
      status: 401,
      errorType: "UNAUTHENTICATED",
      messages: [{ ...full, params: { a: { s: "b" } } }],
      data: { a: 1 },
      challenge: "SIGN realm=x",
    });
  });

  test.each([
    [401, "UNAUTHENTICATED"],
    [403, "UNAUTHORIZED"],
    [404, "NOT_FOUND"],
    [429, "SERVICE_UNAVAILABLE"],
    [500, "INTERNAL_SERVER_ERROR"],
    [503, "SERVICE_UNAVAILABLE"],
    [504, "TIMED_OUT"],
  ])("reads an empty body of status %i as %s", (status, errorType) => {
    expect(readFailure({ status, contentType: "", text: "" })).toEqual({ status, errorType, messages: [] });
  });

  test("keeps plain text as the message", () => {
    expect(
      readFailure({ status: 404, contentType: "text/plain", text: "404 page not found\n" })?.messages[0]
        ?.default_message,
    ).toBe("404 page not found");
  });

  test("reads neither a page nor other JSON as an error", () => {
    expect(readFailure({ status: 404, contentType: "text/html", text: "<html>" })).toBeUndefined();
    expect(readFailure(json(404, { hello: "world" }))).toBeUndefined();
    expect(readFailure(json(404, [1]))).toBeUndefined();
  });

  test("reads a proxy's page as the error of a server that is not available", () => {
    expect(readFailure({ status: 503, contentType: "text/html", text: "<html>" })).toMatchObject({
      errorType: "SERVICE_UNAVAILABLE",
    });
  });

  test("removes secrets from the server's messages", () => {
    const leaky = { ...message, default_message: "cannot read https://vc/cls/data/0f0f/disk.vmdk" };
    expect(readFailure(json(500, { error_type: "ERROR", messages: [leaky] }))?.messages[0]?.default_message).toBe(
      "cannot read https://vc/cls/data/[redacted]",
    );
  });
});
