import { expect, test } from "vitest";
import { wrapMessage } from "../src/output/wrap.ts";

test("wrapMessage leaves a message alone that fits", () => {
  expect(wrapMessage("  Log in again: carrel login", 40)).toEqual(["  Log in again: carrel login"]);
});

test("wrapMessage breaks between words and indents what follows", () => {
  expect(wrapMessage("carrel: Cannot resume the file: the server ignored Range", 30)).toEqual([
    "carrel: Cannot resume the",
    "  file: the server ignored",
    "  Range",
  ]);
});

test("wrapMessage puts a command on a line of its own and never breaks it, however long it is", () => {
  expect(wrapMessage("  Install it beside carrel: npm install @carrel/simulator@0.0.0", 40)).toEqual([
    "  Install it beside carrel:",
    "    npm install @carrel/simulator@0.0.0",
  ]);
  const command = "  carrel trust a-host-with-a-long-name.example.com";
  expect(wrapMessage(command, 30)).toEqual([command]);
});

test("wrapMessage breaks a fingerprint in its middle where it has no room, and none that is to be copied with a command", () => {
  const half = "AB:".repeat(15);
  const whole = `${half}AB:${half}AB`;
  expect(wrapMessage(`  SHA-256  ${whole}`, 80)).toEqual([`  SHA-256  ${half}AB:`, `    ${half}AB`]);
  expect(wrapMessage(`  SHA-256  ${whole}`, 106)).toEqual([`  SHA-256  ${whole}`]);
  expect(wrapMessage(`  or: --thumbprint ${whole}`, 80)).toEqual(["  or:", `    --thumbprint ${whole}`]);
});

test("wrapMessage keeps quoted commands and names in one piece", () => {
  expect(wrapMessage('carrel: The session saved by "carrel login" has ended', 32)).toEqual([
    "carrel: The session saved by",
    '  "carrel login" has ended',
  ]);
});

test("wrapMessage breaks a quotation that has no room in a line, and no word", () => {
  expect(wrapMessage('carrel: It said "one two three four five six seven"', 24)).toEqual([
    'carrel: It said "one two',
    "  three four five six",
    '  seven"',
  ]);
  expect(wrapMessage("carrel: /a/path/that/is/wider/than/that", 20)).toEqual([
    "carrel:",
    "  /a/path/that/is/wider/than/that",
  ]);
});

test("wrapMessage counts columns, not characters", () => {
  expect(wrapMessage("日本語 日本語 日本語", 14)).toEqual(["日本語 日本語", "  日本語"]);
});

test("wrapMessage indents what follows as much as it is asked to", () => {
  expect(wrapMessage("ok  name  one two three four", 16, "          ")).toEqual([
    "ok  name  one",
    "          two",
    "          three",
    "          four",
  ]);
});
