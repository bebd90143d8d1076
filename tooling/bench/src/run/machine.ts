import { execFile } from "node:child_process";
import { cpus, loadavg, release, totalmem, type as system } from "node:os";
import { promisify } from "node:util";

/** On what, and of what, the figures are. */
export interface Setting {
  readonly date: string;
  readonly commit: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Processes that wanted a core in the minute before. Much above 0, the figures say little. */
  readonly loadBefore: number;
}

/** Describes this machine and this checkout. */
export async function describeSetting(): Promise<Setting> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)("git", args, { cwd: import.meta.dirname })).stdout.trim();
  const isChanged = (await git("status", "--porcelain", "--untracked-files=no")) !== "";
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: (await git("rev-parse", "--short", "HEAD")) + (isChanged ? "+changes" : ""),
    processor: cpus()[0]?.model ?? "",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${system()} ${release()}`,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}
