import { describe, expect, test } from "vitest";
import { judge, readAccepted } from "../src/accepted.ts";
import { OPENAPI, SWAGGER, auditOf, reportOf } from "./support/fixtures.ts";

const otherValues = ["enum: [FREE, TAKEN]", "enum: [FREE, KEPT]"] as const;
const entry = { subject: "SeatState", kind: "lack", what: "value KEPT", reason: "We do not keep seats." };

describe("an accepted difference", () => {
  test("takes its finding out, and only that", async () => {
    const judgement = judge(await auditOf(SWAGGER, otherValues), readAccepted([entry]));
    expect(judgement.open.map(({ kind, what }) => `${kind} ${what}`)).toEqual(["extra value TAKEN"]);
    expect(judgement.unused).toEqual([]);
  });

  test("may name subjects and whats with a wildcard", async () => {
    const wide = readAccepted([
      { ...entry, subject: "Seat*", what: ["value K*"] },
      { ...entry, kind: "extra", subject: ["Lamp", "SeatState"], what: "value *" },
    ]);
    expect(judge(await auditOf(SWAGGER, otherValues), wide).open).toEqual([]);
  });

  test.each([{ style: "rest" }, { before: "8.0.1" }, { from: "8.0.2" }])("can be narrowed by %o", async (narrower) => {
    const judgement = judge(await auditOf(SWAGGER, otherValues), readAccepted([{ ...entry, ...narrower }]));
    expect(judgement.open).toHaveLength(2);
  });

  test("that matches nothing is reported, where the file speaks of its subject", async () => {
    const entries = readAccepted([
      entry,
      { ...entry, subject: "Elsewhere" },
      { ...entry, style: "rest" },
      { ...entry, from: "9.2" },
    ]);
    expect(judge(await auditOf(OPENAPI), entries).unused).toEqual([entries[0]]);
  });
});

describe("the file of accepted differences", () => {
  test.each([
    [{ subject: "x" }, "is not a list"],
    [[{ ...entry, reason: "" }], "Accepted difference 1 (SeatState) gives no reason"],
    [[entry, { ...entry, kind: "less" }], "Accepted difference 2 needs a subject"],
    [[{ ...entry, what: 3 }], "Accepted difference 1 needs a subject"],
    [[{ ...entry, until: "9" }], `Accepted difference 1: unknown key "until"`],
  ])("is refused when %o", (raw, message) => {
    expect(() => readAccepted(raw)).toThrow(message);
  });
});

describe("the report", () => {
  test("says what was compared, accepted, unused and is left", async () => {
    const result = await auditOf(SWAGGER, otherValues, ["      lamp: { type: boolean }\n", ""]);
    const text = reportOf(result, [entry, { ...entry, what: "value GONE" }]);
    expect(text).toMatchInlineSnapshot(`
      "room.yaml: vSphere 8.0.1, legacy style and modern style
      Compared: 8 operations and 7 models. The vendor's operations out of our scope: 1.
      Not in this file, so not compared: 1 operation below /door (modern style).

      Accepted: 1 difference
        1 x SeatState: We do not keep seats.

      Accepted differences that are none here, so the entry can go: 1
        SeatState: lack value GONE

      Differences: 2
        SeatState (modern style)
          too much  value TAKEN
        SeatModel (modern style)
          too much  member lamp
      "
    `);
  });
});
