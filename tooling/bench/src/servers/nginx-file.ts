import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startNginx } from "./nginx.ts";
import type { Nginx } from "./nginx.ts";

/** One file on nginx, with all that a download of it has to know. */
export interface NginxFile extends AsyncDisposable {
  readonly nginx: Nginx;
  readonly url: string;
  readonly sizeBytes: number;
  /** SHA-256 in hex. */
  readonly checksum: string;
}

/** Starts nginx with one file of that size. */
export async function startNginxWithFile(sizeBytes: number): Promise<NginxFile> {
  const nginx = await startNginx();
  const url = await nginx.addFile(sizeBytes);
  const line = `curl -sS --cacert ${nginx.pemPath} ${url} | openssl dgst -sha256 -r`;
  const { stdout } = await promisify(execFile)("/bin/bash", ["-c", line]);
  return {
    nginx,
    url,
    sizeBytes,
    checksum: stdout.slice(0, 64),
    [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose](),
  };
}
