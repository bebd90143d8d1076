import { goCommand, type GoCommand } from "./go-command.ts";

/** The server, as main.go has it. */
export const vcsimCommand: GoCommand = goCommand("vcsim", new URL("../", import.meta.url));
