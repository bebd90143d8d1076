// Builds govc and runs the tests that need it.
import process from "node:process";
import { testWithGo } from "@carrel/vcsim";
import { govcCommand } from "./govc-command.ts";

process.exitCode = await testWithGo(govcCommand, process.argv.slice(2));
