import { usageError } from "../process/cli-error.ts";
import type { ExitCode } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import type { HookFlags } from "../settings/hook-options.ts";

/** How long the calls of a run may take, in milliseconds. Tests shorten it. */
export const hookLimits: { pingMs: number; commandMs: number } = { pingMs: 20_000, commandMs: 60_000 };

/** How a run ended, as its calls learn of it. */
export interface RunEnd {
  readonly exitCode: ExitCode;
  /** What is said of the run in a line. It may contain text from the server. */
  readonly summary: string;
  /** What programs decide by, such as `TRANSFER`. */
  readonly code: string | undefined;
}

/** Options of {@link RunHooks}. */
export interface RunHooksOptions extends HookFlags {
  readonly env: Environment;
  readonly logFile: string | undefined;
  /** Writes a line on standard error, and to the log file. */
  readonly write: (line: string) => void;
}

/** The calls of a run that nobody watches: a monitor is pinged, and a command runs after a failure. */
export class RunHooks {
  readonly #options: RunHooksOptions;
  readonly #url: URL | undefined;
  readonly #startedAt = new Date();
  /** Its ping, in the background. */
  #start: Promise<void> = Promise.resolve();

  private constructor(options: RunHooksOptions, url: URL | undefined) {
    this.#options = options;
    this.#url = url;
  }

  /**
   * Begins a run.
   * @throws {@link CliError} exit code 2: the URL is not one.
   */
  static begin(options: RunHooksOptions & { readonly dryRun?: boolean | undefined }): RunHooks | undefined {
    const { ping, onFailure, dryRun = false } = options;
    if (ping === undefined && onFailure === undefined) return undefined;
    if (dryRun) {
      throw usageError(`Cannot combine --dry-run with ${ping === undefined ? "--on-failure" : "--ping"}`);
    }
    const hooks = new RunHooks(options, ping === undefined ? undefined : parsePingUrl(ping));
    hooks.#start = hooks.#ping("start");
    return hooks;
  }

  /** Says how the run ended. Bounded in time; never rejects, and does not change the exit code. */
  async end(end: RunEnd): Promise<void> {
    await this.#start;
    await Promise.all([this.#ping(end), end.exitCode === 0 ? undefined : this.#runCommand(end)]);
  }

  async #ping(what: "start" | RunEnd): Promise<void> {
    const url = this.#url;
    if (url === undefined) return;
    try {
      const { ping } = await import("./ping.ts");
      const path = what === "start" ? "start" : what.exitCode === 0 ? "" : String(what.exitCode);
      await ping(url, path, what === "start" ? "" : what.summary, hookLimits.pingMs);
    } catch (error) {
      // Of the URL only its origin is shown: with the rest anybody could report in the name of this run.
      const why = error instanceof Error ? error.message : String(error);
      this.#options.write(`Warning: Cannot ping ${url.origin}: ${why}`);
    }
  }

  async #runCommand({ exitCode, summary, code = "" }: RunEnd): Promise<void> {
    const { onFailure: command, env, logFile = "", write } = this.#options;
    if (command === undefined) return;
    const facts = {
      CARREL_EXIT_CODE: String(exitCode),
      CARREL_ERROR_CODE: code,
      CARREL_SUMMARY: process.platform === "win32" ? withoutSyntax(summary) : summary,
      CARREL_STARTED_AT: this.#startedAt.toISOString(),
      CARREL_DURATION_SECONDS: String(Math.max(0, Math.round((Date.now() - this.#startedAt.getTime()) / 1000))),
      CARREL_LOG_FILE: logFile,
    };
    const { VSPHERE_PASSWORD: _secret, CARREL_SUBSCRIPTION_PASSWORD: _other, ...others } = env;
    const { runShell } = await import("./run-shell.ts");
    const ended = await runShell(command, { ...others, ...facts }, { limitMs: hookLimits.commandMs, write });
    if (ended !== "exit code 0") write(`Warning: The command of --on-failure ended with ${ended}`);
  }
}

/** cmd.exe expands variables before it parses a line, so that a name from the server could become a command. */
function withoutSyntax(text: string): string {
  return text.replaceAll(/["&|<>^%!()]/gu, " ");
}

function parsePingUrl(text: string): URL {
  const url = URL.parse(text.trim());
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  // The text is not repeated: it is as good as a password.
  if (url === null || !isHttp) throw usageError("--ping: invalid URL", "Use one such as https://hc-ping.com/UUID.");
  if (url.username === "" && url.password === "") return url;
  throw usageError("--ping: invalid URL: it contains a user name or a password");
}
