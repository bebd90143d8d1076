// Builds versitygw and runs the tests that need it.
import process from "node:process";
import { testWithGo } from "@carrel/vcsim";
import { versitygwCommand } from "./versitygw-command.ts";

process.exitCode = await testWithGo(versitygwCommand, process.argv.slice(2));
