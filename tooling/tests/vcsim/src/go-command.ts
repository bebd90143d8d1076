import process from "node:process";
import { fileURLToPath } from "node:url";

/** A command that a Go module of the workspace holds. */
export interface GoCommand {
  readonly name: string;
  /** The folder of its Go module. */
  readonly module: string;
  /** Where the executable is once it is built. Git ignores the folder. */
  readonly binary: string;
}

/** Describes the command of the Go module at `folder`. */
export function goCommand(name: string, folder: URL): GoCommand {
  const file = process.platform === "win32" ? `bin/${name}.exe` : `bin/${name}`;
  return { name, module: fileURLToPath(folder), binary: fileURLToPath(new URL(file, folder)) };
}
