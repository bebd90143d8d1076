import type { Environment } from "../process/program-io.ts";

/** A setting that other tools read from variables of their own. */
export type ForeignSetting = "server" | "user" | "password";

const govcUrl = "GOVC_URL";

/** The variables of govc, of the vSphere CLI and SDK for Perl, and of Ansible. Their values may be secrets, and are never shown. */
const variables: Readonly<Record<ForeignSetting, readonly string[]>> = {
  server: [govcUrl, "VI_SERVER", "VMWARE_HOST"],
  user: ["GOVC_USERNAME", "VI_USERNAME", "VMWARE_USER"],
  password: ["GOVC_PASSWORD", "VI_PASSWORD", "VMWARE_PASSWORD"],
};
const ours: Readonly<Record<ForeignSetting, string>> = {
  server: "VSPHERE_SERVER",
  user: "VSPHERE_USER",
  password: "VSPHERE_PASSWORD",
};

const yes = /^(?:1|t|true|yes|on)$/iu;
const no = /^(?:0|f|false|no|off)$/iu;

/** Variables that have other tools accept any certificate, and the values that do: those of govc, Terraform and Ansible. */
const unchecked: readonly (readonly [name: string, value: RegExp])[] = [
  ["GOVC_INSECURE", yes],
  ["VSPHERE_ALLOW_UNVERIFIED_SSL", yes],
  ["VMWARE_VALIDATE_CERTS", no],
];
const knownHosts = "GOVC_TLS_KNOWN_HOSTS";

const noSwitch =
  "Certificate checks cannot be switched off. To accept one that no authority signed, compare it: carrel trust HOST";
const noPassword =
  'There is no flag for the password. Set VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE, or log in once with "carrel login".';
const server = "The vCenter is named by --server HOST or VSPHERE_SERVER, the user by --user NAME or VSPHERE_USER.";

/** Flags of govc, ovftool, kubectl, curl and wget, in lower case. */
const flags: Readonly<Record<string, string>> = {
  "-k": noSwitch,
  "--insecure": noSwitch,
  "--no-verify-ssl": noSwitch,
  "--no-check-certificate": noSwitch,
  "--nosslverify": noSwitch,
  "--insecure-skip-tls-verify": noSwitch,
  "--skip-tls-verify": noSwitch,
  "-u": server,
  "--url": server,
  "--host": server,
  "-p": noPassword,
  "--pass": noPassword,
};

/** Says which variable of another tool is set where a setting is missing; nothing where none is. */
export function foreignVariableHints(missing: ForeignSetting, env: Environment): readonly string[] {
  const name = variables[missing].find((each) => isSet(env, each));
  const wanted = ours[missing];
  // A URL of govc's may contain the user and the password.
  const isWhole = env[govcUrl]?.includes("@") === true;
  if (isWhole && (name === undefined || name === govcUrl)) {
    const where = "the host from VSPHERE_SERVER, the user from VSPHERE_USER, the password from VSPHERE_PASSWORD";
    return [`${govcUrl} is set, but Carrel reads ${where}.`];
  }
  if (name === undefined) return [];
  return [`${name} is set, but Carrel reads ${wanted}: ${assignment(wanted, name, env)}`];
}

/** Says which variables are set that other tools take as leave to accept a certificate. */
export function uncheckedCertificateHints(env: Environment): readonly string[] {
  const set = unchecked.filter(([name, value]) => value.test(env[name]?.trim() ?? "")).map(([name]) => name);
  return [
    ...set.map((name) => `${name} is not honoured: certificate checks cannot be switched off.`),
    ...(isSet(env, knownHosts) ? [`${knownHosts} is not read: "carrel trust" keeps a list of its own.`] : []),
  ];
}

/** Returns advice on a flag that another tool has; `undefined` where none is known. */
export function adviceOnFlag(flag: string): string | undefined {
  const known = flag.toLowerCase();
  return Object.hasOwn(flags, known) ? flags[known] : undefined;
}

function isSet(env: Environment, name: string): boolean {
  return (env[name]?.trim() ?? "") !== "";
}

/** By reference, so that the value is not shown. Windows sets the variable of PowerShell for every process. */
function assignment(name: string, from: string, env: Environment): string {
  return isSet(env, "PSModulePath") ? `$env:${name} = $env:${from}` : `export ${name}="$${from}"`;
}
