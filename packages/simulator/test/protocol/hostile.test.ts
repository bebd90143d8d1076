import fc from "fast-check";
import { expect, test } from "vitest";
import { startSimulator } from "../../src/index.ts";
import { connect, encode } from "../support/connect.ts";
import { send } from "@carrel/test-kit";
import { at } from "../support/addresses.ts";
import { operationIds, styles, table } from "../support/table.ts";

const printable = fc.string({
  unit: fc.constantFrom(..."abz019-_.~:/?#[]@!$&'()*+,;=%2fid{}\"\\ ".split("")),
  maxLength: 30,
});

/** Statuses that a request may get; none of them is 500. */
const allowed = new Set([200, 201, 204, 400, 401, 403, 404, 405]);

test("any request, however strange, gets an answer of the protocol", async () => {
  await using simulator = await startSimulator();
  const { sessionId } = await connect(simulator);
  const target = fc.tuple(fc.constantFrom("/api", "/rest", "/rest/com/vmware", "/cls", "/cls/data", ""), printable);
  const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
  await fc.assert(
    fc.asyncProperty(
      target,
      method,
      fc.string({ maxLength: 40 }),
      fc.boolean(),
      async ([base, rest], verb, body, known) => {
        const headers: Record<string, string> = known ? { "vmware-api-session-id": sessionId } : {};
        const path = `${base}/${rest.replaceAll(" ", "%20")}`;
        const got = await send(simulator.url, { method: verb, headers, body, path });
        expect(allowed).toContain(got.status);
        if (got.text !== "") expect(() => got.json).not.toThrow();
      },
    ),
    { numRuns: 300 },
  );
  expect(simulator.journal.every((exchange) => exchange.outcome !== "cut")).toBe(true);
});

test("any input, however strange, gets a result or a refusal", async () => {
  await using simulator = await startSimulator({ libraries: [{ name: "l", items: [{ name: "i" }] }] });
  const vcenter = await connect(simulator);
  const headers = { "vmware-api-session-id": vcenter.sessionId };
  const names = [
    "library_id",
    "library_item_id",
    "name",
    "type",
    "file_name",
    "progress",
    "cached",
    "create_spec",
    "spec",
  ];
  const input = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
  const calls = operationIds.filter((id) => id !== "session.delete");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...calls), fc.constantFrom(...styles), input, async (id, style, members) => {
      const { method, target, body } = encode(table[id], style, members);
      const got = await send(at(simulator, target), { method, headers, ...(body === undefined ? {} : { body }) });
      expect(allowed).toContain(got.status);
      if (got.text !== "") expect(got.headers["content-type"]).toBe("application/json");
    }),
    { numRuns: 400 },
  );
});
