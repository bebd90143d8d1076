import type { Stats } from "node:fs";
import { rename } from "node:fs/promises";
import process from "node:process";
import { writeNewFile } from "@carrel/node-stream/fs";
import { createServerCertificate } from "@carrel/vcsp/serve";
import type { ServerCertificate } from "@carrel/vcsp/serve";
import { usageError } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import { cannotWrite } from "./json-file.ts";
import { describeRights, makeOwnDirectory, readOwnFile } from "./own-file.ts";
import { statePath } from "./paths.ts";
import { readSmallFile, UnreadableFileError } from "./plain-file.ts";

const maxBytes = 1024 * 1024;
const othersOrGroup = 0o077;

/**
 * Returns the certificate that this user's servers have, and makes it where there is none yet: subscribers pin it, so it stays the same.
 *
 * @throws {@link CliError} exit code 1: others may write to it, or it cannot be written.
 */
export async function ownCertificate(env: Environment, hosts: readonly string[]): Promise<ServerCertificate> {
  const path = statePath(env, "serve.pem");
  if (path === undefined) return await createServerCertificate(hosts);
  const kept = await readOwnFile(
    path,
    "Remove it to have a new one made; subscribers then have to accept its thumbprint.",
  );
  const known = kept === undefined ? undefined : parsePem(kept.toString());
  if (known !== undefined) return known;
  const made = await createServerCertificate(hosts);
  try {
    await makeOwnDirectory(path);
    await writeNewFile(`${path}.new`, `${made.cert.trim()}\n${made.key.trim()}\n`, { sync: true });
    await rename(`${path}.new`, path);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  return made;
}

function parsePem(text: string): ServerCertificate | undefined {
  const [key] = /-----BEGIN (?:\w+ )?PRIVATE KEY-----[\s\S]+?-----END (?:\w+ )?PRIVATE KEY-----/u.exec(text) ?? [];
  const [cert] = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/u.exec(text) ?? [];
  return key === undefined || cert === undefined ? undefined : { cert, key };
}

/**
 * Reads a certificate and its key, as the flags --cert and --key name them.
 *
 * @throws {@link CliError} exit code 2: one cannot be read, or others may read the key.
 */
export async function readCertificate(certPath: string, keyPath: string): Promise<ServerCertificate> {
  const read = async (flag: string, path: string, check: (stats: Stats) => void): Promise<string> => {
    try {
      return (await readSmallFile(path, { limitBytes: maxBytes, check })).toString();
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      throw usageError(`${flag}: cannot read ${path}: ${error.message}`);
    }
  };
  const refuseOpen = (stats: Stats): void => {
    if (process.platform === "win32" || (stats.mode & othersOrGroup) === 0) return;
    throw usageError(
      `--key: refused to read ${keyPath}: ${describeRights(stats)}, expected mode 0600 or stricter`,
      `Run: chmod 600 ${keyPath}`,
    );
  };
  return { cert: await read("--cert", certPath, () => {}), key: await read("--key", keyPath, refuseOpen) };
}
