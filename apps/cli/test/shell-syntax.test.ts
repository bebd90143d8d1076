import { expect, test } from "vitest";
import { settingOf } from "../src/settings/shell-syntax.ts";

test("settingOf writes for PowerShell where its variable is set, and otherwise for a POSIX shell", () => {
  expect(settingOf("NAME", "FILE", { PSModulePath: String.raw`C:\Modules` })).toBe("$env:NAME = 'FILE'");
  expect(settingOf("NAME", "FILE", {})).toBe("export NAME=FILE");
});
