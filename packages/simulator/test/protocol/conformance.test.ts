import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encode } from "../support/connect.ts";
import type { Input } from "../support/connect.ts";
import { refusalOf } from "../support/refusal.ts";
import { goodInputs, scene } from "../support/scene.ts";
import { send } from "@carrel/test-kit";
import { at, basic } from "../support/addresses.ts";
import { facts, operationIds, styles, table } from "../support/table.ts";

const everyStyle = styles.flatMap((style) => operationIds.map((id) => ({ style, id })));
const withSession = everyStyle.filter(({ id }) => table[id].access === "session");
const withIds = everyStyle.filter(({ id }) => table[id].arguments.some((name) => name.endsWith("_id")));
const withQuery = everyStyle.filter(({ id, style }) => facts[id][style].requiredQuery.length > 0);
const withBody = everyStyle.filter(({ id, style }) => facts[id][style].input?.required);
const kinds: Readonly<Record<string, (result: unknown) => boolean>> = {
  nothing: (result) => result === undefined,
  string: (result) => typeof result === "string",
  object: (result) => typeof result === "object" && result !== null && !Array.isArray(result),
  list: (result) => Array.isArray(result),
};

describe.each(everyStyle)("$id in the style $style", ({ style, id }) => {
  test("answers as the specification says", async () => {
    await using stage = await scene({}, style);
    const { simulator, vcenter } = stage;
    const input = await goodInputs[id](stage);
    const login = table[id].access === "login" ? { ...basic(simulator), "vmware-use-header-authn": "true" } : {};
    const got = await vcenter.raw(id, input, login);
    expect(got.status).toBe(table[id][style].status);
    expect(got.headers["set-cookie"]).toBeUndefined();
    const { result } = table[id];
    if (result === "nothing") {
      expect(got.text).toBe("");
    } else {
      expect(got.headers["content-type"]).toBe("application/json");
      const value = style === "rest" ? (got.json as { value: unknown }).value : got.json;
      expect(kinds[result]?.(value)).toBe(true);
    }
    expect(simulator.journal.at(-1)).toMatchObject({ kind: "operation", operation: id, style, status: got.status });
  });

  test("refuses a query parameter that it does not know", async () => {
    await using stage = await scene({}, style);
    const { method, target, body } = encode(table[id], style, await goodInputs[id](stage));
    const extra = target.includes("?") ? `${target}&surprise=1` : `${target}?surprise=1`;
    const headers = { ...basic(stage.simulator), "vmware-api-session-id": stage.vcenter.sessionId };
    const got = await send(at(stage.simulator, extra), { method, headers, ...(body === undefined ? {} : { body }) });
    expect(refusalOf(style, got)).toMatchObject({
      status: 400,
      type: "INVALID_ARGUMENT",
      messages: [{ id: "com.vmware.vapi.rest.unsupportedProperty", args: ["surprise"] }],
    });
  });
});

test.each(withSession)("$id in the style $style requires a login", async ({ style, id }) => {
  await using stage = await scene({}, style);
  const input = await goodInputs[id](stage);
  for (const session of ["", "wrong"]) {
    const got = await stage.vcenter.raw(id, input, { "vmware-api-session-id": session });
    expect(refusalOf(style, got)).toMatchObject({ status: 401, type: "UNAUTHENTICATED" });
  }
});

test.each(withIds)("$id in the style $style does not know a strange identifier", async ({ style, id }) => {
  await using stage = await scene({}, style);
  const strange = Object.fromEntries(table[id].arguments.map((name) => [name, randomUUID()]));
  const got = await stage.vcenter.raw(id, { ...(await goodInputs[id](stage)), ...strange });
  expect(refusalOf(style, got)).toMatchObject({ status: 404, type: "NOT_FOUND" });
});

test.each(withQuery)("$id in the style $style misses what it needs in the query", async ({ style, id }) => {
  await using stage = await scene({}, style);
  const needed = facts[id][style].requiredQuery;
  const input = Object.entries(await goodInputs[id](stage)).filter(([name]) => !needed.includes(name));
  const got = await stage.vcenter.raw(id, Object.fromEntries(input));
  // In the modern style, what is left may be another operation of the same path.
  if (got.status === 200) expect(stage.simulator.journal.at(-1)?.operation).not.toBe(id);
  else expect(refusalOf(style, got)).toMatchObject({ status: 400, type: "INVALID_ARGUMENT" });
});

describe.each(withBody)("the body of $id in the style $style", ({ style, id }) => {
  test.each([
    ["nothing", undefined],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["a text", '"text"'],
    ["an unknown member", { surprise: 1 }],
  ])("is refused where it is %s", async (_, body) => {
    await using stage = await scene({}, style);
    const input = await goodInputs[id](stage);
    const { method, target, body: good } = encode(table[id], style, input);
    const text = typeof body === "object" ? JSON.stringify({ ...(JSON.parse(good ?? "{}") as object), ...body }) : body;
    const got = await send(at(stage.simulator, target), {
      method,
      headers: { "vmware-api-session-id": stage.vcenter.sessionId },
      ...(text === undefined ? {} : { body: text }),
    });
    expect(refusalOf(style, got)).toMatchObject({ status: 400, type: "INVALID_ARGUMENT" });
  });

  test("is refused with the place where a member has a wrong type", async () => {
    await using stage = await scene({}, style);
    const input = await goodInputs[id](stage);
    for (const name of bodyMembers(id, style, input)) {
      const got = await stage.vcenter.raw(id, { ...input, [name]: { wrong: true } });
      const refusal = refusalOf(style, got);
      expect(refusal).toMatchObject({ status: 400, type: "INVALID_ARGUMENT" });
      expect(refusal.messages[0]?.default_message).toContain(name);
    }
  });
});

function bodyMembers(id: keyof typeof table, style: "api" | "rest", input: Input): string[] {
  const route = table[id][style];
  return Object.keys(input).filter((name) => !route.path.includes(`{${name}}`) && !route.query.includes(name));
}

test.each(
  styles.flatMap((style) =>
    (
      [
        ["library.find", "type"],
        ["localLibrary.create", "type"],
        ["downloadSession.file.prepare", "endpoint_type"],
        ["updateSession.file.add", "source_type"],
      ] as const
    ).map(([id, member]) => ({ style, id, member })),
  ),
)("$id in the style $style refuses a $member that is not in its enumeration", async ({ style, id, member }) => {
  await using stage = await scene({}, style);
  const got = await stage.vcenter.raw(id, { ...(await goodInputs[id](stage)), [member]: "SOMETHING" });
  const refusal = refusalOf(style, got);
  expect(refusal).toMatchObject({ status: 400, type: "INVALID_ARGUMENT" });
  expect(refusal.messages[0]?.default_message).toMatch(/must be one of/);
});
