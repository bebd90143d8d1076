import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";

/** How a command ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty directory outside of the repository, as a new user has. Disposal removes it. */
export interface EmptyFolder extends AsyncDisposable {
  readonly path: string;
  /** Runs a command in it, with nothing of the repository in its environment, for at most two minutes. */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Runs a command and returns its standard output. Throws what it printed where it does not exit with 0. */
  succeed(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
}

/** Makes one in which npm uses this registry. `node` is the Node that runs the commands. */
export async function emptyFolder(registry: string, node: string = process.execPath): Promise<EmptyFolder> {
  const path = await mkdtemp(join(tmpdir(), "carrel-consumer-"));
  await mkdir(join(path, ".tmp"));
  const outside = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|node_(?!extra_ca_certs)|vite|init_cwd|ci$)/i.test(name),
  );
  const npm = { registry, audit: "false", fund: "false", update_notifier: "false", loglevel: "error" };
  const environment = {
    ...Object.fromEntries(outside),
    ...Object.fromEntries(Object.entries(npm).map(([name, value]) => [`npm_config_${name}`, value])),
    PATH: [dirname(node), process.env["PATH"]].join(delimiter),
    NO_COLOR: "1",
    // What commands leave in temporary directories is removed with it.
    TMPDIR: join(path, ".tmp"),
  };
  const run: EmptyFolder["run"] = async (command, args, env = {}) => {
    const child = spawn(command, args, {
      cwd: path,
      env: { ...environment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 120_000,
      killSignal: "SIGKILL",
    });
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]);
    return { exitCode, stdout, stderr };
  };
  return {
    path,
    run,
    async succeed(command, args, env) {
      const { exitCode, stdout, stderr } = await run(command, args, env);
      if (exitCode !== 0)
        throw new Error(`${[command, ...args].join(" ")}: ended with ${exitCode}\n${stdout}${stderr}`);
      return stdout;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
