import process from "node:process";

/** A JavaScript runtime that the npm registry has. */
export interface Runtime {
  readonly name: string;
  readonly version: string;
  /** What `pnpm dlx` installs: the whole package, for its install script puts the executable into place. */
  readonly spec: string;
  /** The package whose install script is run, where it needs one. */
  readonly installScriptOf?: string;
  readonly command: string;
  /** Prints the path of the runtime's own executable. */
  readonly printPath: readonly string[];
  /** Arguments before the script. */
  readonly flags: readonly string[];
  /** Those before a script that downloads to files. */
  readonly fileFlags: readonly string[];
}

/** Node, by the package that holds nothing but its executable for this machine. */
export function nodeRuntime(version: string): Runtime {
  return {
    name: "Node",
    version,
    spec: `node-${process.platform}-${process.arch}@${version}`,
    command: "node",
    printPath: ["-p", "process.execPath"],
    flags: [],
    fileFlags: [],
  };
}

/** Bun. Under another name, for pnpm takes `bun` to be the runtime itself and fetches it from somewhere else. */
export function bunRuntime(version: string): Runtime {
  return {
    name: "Bun",
    version,
    spec: `bun-package@npm:bun@${version}`,
    installScriptOf: "bun",
    command: "bun",
    printPath: ["-e", "console.log(process.execPath)"],
    flags: [],
    fileFlags: [],
  };
}

/** Deno, which may do nothing but talk to this machine, and use files where that is what a script is about. */
export function denoRuntime(version: string): Runtime {
  return {
    name: "Deno",
    version,
    spec: `deno@${version}`,
    installScriptOf: "deno",
    command: "deno",
    printPath: ["eval", "console.log(Deno.execPath())"],
    flags: ["run", "--no-prompt", "--allow-net=127.0.0.1"],
    fileFlags: [
      "run",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
    ],
  };
}
