import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Simulator } from "@carrel/simulator";

/** The built command line. */
export const carrel: string = fileURLToPath(new URL("../../../../apps/cli/dist/main.js", import.meta.url));

/** The environment with which carrel reaches a simulator. */
export function carrelEnvironment({ url, credentials, certificate }: Simulator): Readonly<Record<string, string>> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: "/nonexistent",
    VSPHERE_SERVER: url.href,
    VSPHERE_USER: credentials.username,
    VSPHERE_PASSWORD: credentials.password,
    VSPHERE_THUMBPRINT: certificate?.sha256 ?? "",
  };
}

/** The environment with which govc reaches a simulator; its certificate is written to the scratch directory. */
export async function govcEnvironment(
  { url, credentials, certificate }: Simulator,
  scratch: string,
): Promise<Readonly<Record<string, string>>> {
  const trusted = join(scratch, "trusted.pem");
  await writeFile(trusted, certificate?.pem ?? "");
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: scratch,
    GOVC_URL: url.href,
    GOVC_USERNAME: credentials.username,
    GOVC_PASSWORD: credentials.password,
    GOVC_PERSIST_SESSION: "false",
    GOVC_TLS_CA_CERTS: trusted,
  };
}
