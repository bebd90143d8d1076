import { goCommand, type GoCommand } from "@carrel/vcsim";

/** govmomi's command line, as main.go has it. */
export const govcCommand: GoCommand = goCommand("govc", new URL("../", import.meta.url));
