import { goCommand, type GoCommand } from "@carrel/vcsim";

/** govmomi's command line, built from main.go. */
export const govcCommand: GoCommand = goCommand("govc", new URL("../", import.meta.url));
