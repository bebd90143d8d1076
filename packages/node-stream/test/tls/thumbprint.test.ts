import { hexDigest } from "@carrel/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readThumbprint } from "../../src/tls/thumbprint.ts";

const digest = (algorithm: string): string =>
  hexDigest(algorithm, "a certificate")
    .toUpperCase()
    .replaceAll(/..(?=.)/gu, "$&:");
const sha1 = digest("sha1");
const sha256 = digest("sha256");
const bare = sha256.replaceAll(":", "");

describe("readThumbprint reads a fingerprint as it is pasted:", () => {
  test.for([
    sha256,
    bare,
    sha256.toLowerCase(),
    `sha256 Fingerprint=${sha256}`,
    `0x${sha256.replaceAll(":", "")}`,
    `thumbprint: 0X${sha256.replaceAll(":", "")}`,
    `SHA256 Fingerprint=${sha256}\n`,
    `SHA-256 ${sha256}`,
    `SHA256:${sha256}`,
    `sha256:${bare.toLowerCase()}`,
    `sha256=${bare}`,
    `SHA-256 Fingerprint: ${sha256}`,
    `Fingerprint (SHA-256): ${sha256}`,
    `Thumbprint : ${bare}`,
    `Thumbprint                               : ${bare}\r\n`,
    `vc.example.test ${sha256}`,
    `vc.example.test:8443 ${sha256}`,
    `10.0.0.7:443 ${sha256}`,
    `"${sha256}"`,
    `'${sha256}',`,
    `\u{201c}${sha256}\u{201d}`,
    `\u{200e}${bare}`,
    `\u{feff}${sha256}`,
    `\u{200e}${bare.replaceAll(/..(?=.)/gu, "$& ")}\u{200f}`,
    bare.replaceAll(/..(?=.)/gu, "$&\u{200b}"),
    sha256.replaceAll(":", "-"),
    sha256.replaceAll(":", "\u{2011}"),
    sha256.replaceAll(":", "\u{a0}"),
    `${sha256.slice(0, 48)}\n    ${sha256.slice(48)}`,
    `${bare.slice(0, 31)}\r\n${bare.slice(31)}`,
  ])("%j", (text) => {
    expect(readThumbprint(text)).toEqual({ algorithm: "sha256", hex: sha256 });
  });

  test.for([sha1, `SHA1 Fingerprint=${sha1}`, `\u{200e}${sha1.replaceAll(":", " ").toLowerCase()}`, `vc ${sha1}`])(
    "SHA-1: %j",
    (text) => {
      expect(readThumbprint(text)).toEqual({ algorithm: "sha1", hex: sha1 });
    },
  );
});

describe("readThumbprint, of what is not a fingerprint,", () => {
  test.for([
    ["", "it is empty"],
    [" \u{200e}\n", "it is empty (it also contains the invisible U+200E)"],
    ["AA:BB", "it has 4 hexadecimal digits: SHA-1 has 40, SHA-256 has 64"],
    [bare.slice(2), "it has 62 hexadecimal digits: SHA-1 has 40, SHA-256 has 64"],
    [`\u{200e}${bare.slice(1)}`, /^it has 63 .* \(it also contains the invisible U\+200E\)$/u],
    // A surplus pair must not be read as a label.
    [`AA ${sha256}`, "it has 66 hexadecimal digits: SHA-1 has 40, SHA-256 has 64"],
    [`x AA ${sha256}`, /^it contains "x"/u],
    [`AA:${sha256}`, /^it has 66 /u],
    ["ab".repeat(16), "it has 32 hexadecimal digits, as MD5 has: SHA-1 has 40, SHA-256 has 64"],
    [sha256.replace(/^./u, "O"), 'it contains "O", which is not a hexadecimal digit'],
    [sha256.replace(/^./u, "\u{430}"), "it contains U+0430, which is not a hexadecimal digit"],
    [sha256.replace(/^./u, "\u{1f600}"), "it contains U+1F600, which is not a hexadecimal digit"],
    ["sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=", /^it is Base64/u],
    ["sha256/YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=", /^it is Base64/u],
    ["SHA256:YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE", /^it is Base64/u],
    ["YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=", /^it is Base64/u],
    [`vc1 ${sha256}\nvc2 ${sha256}`, "it contains more than one"],
    ["AA".repeat(5000), "it is 10000 characters long"],
  ] as const)("rejects %j: %s", ([text, problem]) => {
    const found = readThumbprint(text);
    const matching: unknown = typeof problem === "string" ? problem : expect.stringMatching(problem);
    expect(found).toEqual({ problem: matching });
  });

  test("returns a reason that a terminal can show, and never a pin", () => {
    const junk = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(junk, (text) => {
        const found = readThumbprint(text);
        if (!("problem" in found)) throw new Error("A pin was made of junk.");
        expect(found.problem).toMatch(/^[\x20-\x7e\u{2026}]{1,160}$/u);
      }),
    );
  });

  test("never returns another pin silently for a valid one with one character changed or lost", () => {
    fc.assert(
      fc.property(
        fc.nat(sha256.length - 1),
        fc.constantFrom("", "G", "z", "\u{200e}", " ", "="),
        fc.constantFrom(":", " ", "-"),
        (at, put, separator) => {
          const changed = sha256.slice(0, at) + put + sha256.slice(at + 1);
          const found = readThumbprint(changed.replaceAll(":", separator));
          if ("problem" in found) return;
          // A colon may be missing, or be another separator.
          expect(found.hex).toBe(sha256);
        },
      ),
    );
  });
});
