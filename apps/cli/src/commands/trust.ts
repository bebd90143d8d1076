import type { Command } from "commander";
import type { TrustFlags } from "./run-trust.ts";

const examples = `
Examples:
  carrel trust vc.example.com            shows the fingerprints, and asks
  carrel trust vc.example.com:8443 --thumbprint AB:CD:…   only if it is that one; asks nothing
  carrel trust ls
  carrel trust rm vc.example.com`;

type Verb = "add" | "ls" | "rm";

/** Adds `carrel trust`. */
export function addTrustCommand(program: Command): void {
  const trust = program
    .command("trust")
    .summary("see a server's certificate and trust it from now on")
    .description(
      "Shows the fingerprints of a server's certificate and of those that signed it and, after a yes, accepts that " +
        "certificate and no other from the host from now on.",
    )
    .argument("[host[:port]]", "a host name, or a URL; ls; or rm and a host")
    .argument("[host]", "for rm")
    .option("--yes", "do not ask: trust what is there now")
    .option("--thumbprint <hex>", "trust it if it has this fingerprint, SHA-256 or SHA-1")
    .option("--debug", "show where errors come from")
    .addHelpText("after", examples);
  trust.action(async (first: string | undefined, second: string | undefined, flags: TrustFlags) => {
    const [verb, host] = readVerb(first, second);
    const [{ runCommand }, { runTrust }] = await Promise.all([import("../run-command.ts"), import("./run-trust.ts")]);
    await runCommand(flags, (run) => runTrust[verb](host, flags, run));
  });
}

function readVerb(first: string | undefined, second: string | undefined): readonly [Verb, string | undefined] {
  if (first === "ls" && second === undefined) return ["ls", undefined];
  return first === "rm" ? ["rm", second] : ["add", first];
}
