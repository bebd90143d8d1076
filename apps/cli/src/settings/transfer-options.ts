import { Option } from "commander";
import type { Command } from "commander";

/** Flags of {@link addTransferOptions}, as commander gives them. */
export interface TransferFlags {
  readonly concurrency?: string;
  readonly connections?: string;
  readonly limitRate?: string;
  readonly requireVerified?: boolean;
  readonly manifest?: "check" | "report";
  readonly prepareTimeout?: string;
  readonly stallTimeout?: string;
}

/** Adds the flags that say how files are transferred. */
export function addTransferOptions(command: Command): Command {
  return command
    .option("--concurrency <n>", "files transferred at once, of all items (default: 4)")
    .option("--connections <n>", "connections for each file, where the server can send parts (default: 1)")
    .option("--limit-rate <bytes>", "bytes per second for all files together, such as 50M")
    .option("--require-verified", "fail where a file cannot be checked, or its OVF manifest should and cannot")
    .addOption(
      new Option("--manifest <what>", "what to do about a file that its OVF manifest contradicts: fail, or report it")
        .choices(["check", "report"])
        .default("check"),
    )
    .option("--prepare-timeout <seconds>", "give up when the server makes no progress in preparing (default: 300)")
    .option("--stall-timeout <seconds>", "reconnect when no data arrives for this long (default: 30)");
}
