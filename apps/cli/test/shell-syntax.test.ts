import { expect, test } from "vitest";
import { settingOf, wordOf } from "../src/settings/shell-syntax.ts";

test("settingOf writes for PowerShell where its variable is set, and otherwise for a POSIX shell", () => {
  expect(settingOf("NAME", "FILE", { PSModulePath: String.raw`C:\Modules` })).toBe("$env:NAME = 'FILE'");
  expect(settingOf("NAME", "FILE", {})).toBe("export NAME=FILE");
});

test("wordOf quotes only where a shell needs it", () => {
  const windows = { PSModulePath: String.raw`C:\Modules` };
  for (const [text, posix, onWindows] of [
    ["Images", "Images", "Images"],
    ["https://h:8443/lib.json", "https://h:8443/lib.json", "https://h:8443/lib.json"],
    ["Images/*", "'Images/*'", '"Images/*"'],
    ["My images", "'My images'", '"My images"'],
    [String.raw`C:\images`, String.raw`'C:\images'`, String.raw`C:\images`],
    ["it's", String.raw`'it'\''s'`, '"it\'s"'],
    ["$a's", String.raw`'$a'\''s'`, "'$a''s'"],
    ["-x", "'-x'", '"-x"'],
    ["", "''", '""'],
  ] as const) {
    expect([wordOf(text, {}), wordOf(text, windows)]).toEqual([posix, onWindows]);
  }
});
