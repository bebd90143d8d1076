import { describe, expect, test } from "vitest";
import { directoryNameFor } from "../src/place/names.ts";

const id = "0d3a-1";

describe("directoryNameFor returns", () => {
  test.for([
    "debian-13",
    "Ubuntu 26.04 (LTS)",
    "日本語",
    "com10",
    "console",
    "com\u00B9x",
    "a .b",
    "x".repeat(240),
    "漢".repeat(80),
  ])("the name where every system accepts it: %j", (name) => expect(directoryNameFor({ id, name })).toBe(name));

  test.for([
    "",
    ".",
    "..",
    ".hidden",
    " led by a space",
    "ends in a dot.",
    "ends in a space ",
    "../evil",
    "a/b",
    "a\\b",
    "C:",
    "con",
    "Con.iso",
    "con .iso",
    "aux  ",
    "com1",
    "com\u00B9",
    "LPT\u00B3.tar.gz",
    "conin$",
    "CONOUT$.txt",
    "a\u0000b",
    "a\u202Eb",
    "\uD800",
    // In bytes, as file systems count: 241, 255, 256, 600.
    "x".repeat(241),
    "漢".repeat(85),
    "é".repeat(128),
    "漢".repeat(200),
  ])("the id where a directory cannot have the name: %j", (name) => expect(directoryNameFor({ id, name })).toBe(id));

  test.for([
    ["con", "_con"],
    ["", "_"],
    ["../../etc", "______etc"],
    ["a:b", "a_b"],
  ])("a name that leads nowhere else, whatever the id: %j", ([odd = "", directory]) =>
    expect(directoryNameFor({ id: odd, name: ".." })).toBe(directory),
  );
});
