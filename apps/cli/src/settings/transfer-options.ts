import { Option } from "commander";
import type { Command } from "commander";

/** Flags of {@link addTransferOptions}, as commander gives them. */
export interface TransferFlags {
  readonly concurrency?: string;
  readonly connections?: string;
  readonly limitRate?: string;
  readonly requireVerified?: true | "checksum" | "manifest" | "length";
  readonly manifest?: "check" | "report";
  readonly sync?: boolean;
  readonly syncTimeout?: string;
  readonly prepareTimeout?: string;
  readonly stallTimeout?: string;
  /** By default the free space is compared with what is to be fetched. */
  readonly spaceCheck?: boolean;
  readonly retryFor?: string;
}

/** What a file may have to be verified by, the strongest first. */
export const verifiedLevels = ["checksum", "manifest", "length"] as const;

/**
 * Adds the flags for transfers, which `carrel get` and `carrel mirror` share.
 * @param defaultRetryFor - For the help.
 */
export function addTransferOptions(command: Command, defaultRetryFor: string): Command {
  command.option("--concurrency <n>", "files to transfer at once, across all items (default: 4)");
  return addStreamOptions(command)
    .option("--no-space-check", "begin even where the disk has less free space than is to be fetched")
    .option(
      "--retry-for <time>",
      "overcome outages of the server for this long, such as 90s, 10m or 1h; 0 gives up after a few attempts (default: " +
        `${defaultRetryFor})`,
    );
}

/** Adds those of them that also concern a single file on its way to standard output. */
export function addStreamOptions(command: Command): Command {
  return command
    .option("--connections <n>", "connections per file, where the server supports ranges (default: 1)")
    .option("--limit-rate <bytes>", "bytes per second for all files together, for example 50M")
    .addOption(
      new Option(
        "--require-verified [=level]",
        "fail if a file is verified by less: checksum, manifest or length; alone: length, unless its OVF manifest " +
          "should verify it and cannot",
      ).choices(verifiedLevels),
    )
    .addOption(
      new Option("--manifest <what>", "when an OVF manifest contradicts a file: check fails, report only warns")
        .choices(["check", "report"])
        .default("check"),
    )
    .option("--sync", "have the vCenter fetch content that is not cached there, and wait for it")
    .option("--sync-timeout <seconds>", "wait this long for it (default: 3600); implies --sync")
    .option(
      "--prepare-timeout <seconds>",
      "give up when the server makes no progress preparing a file for this long (default: 300)",
    )
    .option("--stall-timeout <seconds>", "reconnect when no data arrives for this long (default: 30)");
}
