import { goCommand, type GoCommand } from "./go.ts";

/** The server, as main.go has it. */
export const vcsimCommand: GoCommand = goCommand("vcsim", new URL("../", import.meta.url));
