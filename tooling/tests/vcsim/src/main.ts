// Builds vcsim and runs the tests that need it: vitest.vcsim.config.ts of the package this is started in.
import process from "node:process";
import { testWithGo } from "./test-with-go.ts";
import { vcsimCommand } from "./vcsim-command.ts";

process.exitCode = await testWithGo(vcsimCommand, process.argv.slice(2));
