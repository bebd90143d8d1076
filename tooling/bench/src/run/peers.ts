import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { govcCommand } from "@carrel/govmomi-client/govc-command";
import { buildGoCommand, findGo } from "@carrel/vcsim";

const packages: Readonly<Record<string, string>> = {
  aria2c: "aria2",
  curl: "curl",
  nginx: "nginx-light",
  openssl: "openssl",
  rclone: "rclone",
  time: "time",
};

/** A program that a bench compares with or is served by, and that npm does not install. */
export type Peer = "aria2c" | "curl" | "govc" | "nginx" | "openssl" | "rclone" | "time";

/** Builds govc where Go is installed: some minutes the first time on a machine, a second later. */
export async function buildPeers(): Promise<void> {
  const go = findGo();
  if (go !== undefined) await buildGoCommand(go, govcCommand);
}

/** Returns the path of a peer, or `undefined`. */
export function pathOf(peer: Peer): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  const places = peer === "govc" ? [govcCommand.binary] : folders.map((folder) => join(folder, peer));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Says which of the peers are missing and how to get them; `undefined` where all are there. */
export function missing(...peers: readonly Peer[]): string | undefined {
  const absent = peers.filter((peer) => pathOf(peer) === undefined);
  if (absent.length === 0) return undefined;
  return absent
    .map((peer) =>
      peer === "govc" ? "govc: built where Go is installed" : `${peer}: apt-get install ${packages[peer]}`,
    )
    .join("; ");
}

const versionFlags: Readonly<Record<Exclude<Peer, "govc">, string>> = {
  aria2c: "--version",
  curl: "--version",
  nginx: "-v",
  openssl: "version",
  rclone: "--version",
  time: "--version",
};

/** What each peer says about its version; of govc the version of the Go module. */
export async function versions(): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = { node: `Node ${process.version}` };
  for (const [peer, flag] of Object.entries(versionFlags)) {
    const path = pathOf(peer as Peer);
    if (path === undefined) continue;
    const { stdout, stderr } = await promisify(execFile)(path, [flag]);
    found[peer] = (stdout + stderr).split("\n", 1)[0] ?? "";
  }
  if (pathOf("govc") !== undefined) {
    const module = await readFile(join(govcCommand.module, "go.mod"), "utf8");
    found["govc"] = `govc ${/govmomi (v\S+)/u.exec(module)?.[1] ?? "of an unknown version"}`;
  }
  return found;
}
