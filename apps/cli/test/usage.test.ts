import { expect, test } from "vitest";
import { eventsOf } from "./support/mirrored.ts";
import { runCli } from "./support/run-cli.ts";

const env = { VSPHERE_SERVER: "vc.example.test", VSPHERE_USER: "u", VSPHERE_PASSWORD: "p" };
const secret = "sekrit";

test.for([
  [["trust", "h", "--password=sekrit"]],
  [["trust", "h", "--password", "sekrit"]],
  [["sim", "--password=sekrit"]],
  [["demo", "--password=sekrit"]],
  [["completion", "--password=sekrit"]],
  [["sessions", "--password=sekrit"]],
  [["--password=sekrit", "ls"]],
  [["--password", "sekrit", "ls"]],
  [["login", "--pass=sekrit"]],
  [["login", "--password:sekrit"]],
  [["login", "sekrit"]],
  [["login", "--", "sekrit"]],
  [["doctor", "sekrit"]],
  [["ls", "--passwd=it's=\nsekrit"]],
  [["ls", "-psekrit"]],
  [["ls", "-lpsekrit"]],
  [["ls", "--pasword", "sekrit"]],
  [["get", "a/b", "--pasword=sekrit", "--json"]],
] as const)("%j is refused, and no value is repeated", async ([args]) => {
  const { exitCode, stdout, stderr } = await runCli(args, env);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /^carrel: (?:Unknown option '-[\w-]+'|Too many arguments for '\w+'\. Expected \d .* \d)\n {2}/u,
  );
  expect(stdout + stderr).not.toContain(secret);
});

test.for([
  [["get", "a/b", "--outptu", "x"], ["Unknown option '--outptu'", "Did you mean --output?"], "get"],
  [["gte"], ["Unknown command 'gte'", "Did you mean get?"], undefined],
  [["sessions", "rmm"], ["Unknown command 'rmm'", "Did you mean rm?"], "sessions"],
  [["sessions", "rm"], ["Missing required argument 'id'"], "sessions rm"],
  [["ls", "--server"], ["Option '--server <host>' argument missing"], "ls"],
  [["help", "sessions", "no-such"], ["Unknown command 'no-such'"], "sessions"],
  [["no-such", "--help"], ["Unknown command 'no-such'"], undefined],
  [["sessions", "no-such", "--help"], ["Unknown command 'no-such'"], "sessions"],
  [["--long", "ls"], ["Unknown option '--long'", "Options of a command come after it."], undefined],
  [
    ["ls", "--wire", "soap"],
    ["Option '--wire <style>' argument 'soap' is invalid", "Allowed choices are auto, api, rest."],
    "ls",
  ],
] as const)("%j is reported with the help to read", async ([args, lines, command]) => {
  const help = `Run "carrel ${command === undefined ? "" : `${command} `}--help" for usage`;
  const [message, ...hints] = [...lines, help];
  const { exitCode, stdout, stderr } = await runCli(args, env);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toBe(`carrel: ${message}\n${hints.map((hint) => `  ${hint}\n`).join("")}`);
});

test.for([
  ["download", "Did you mean get?"],
  ["show", "Did you mean info?"],
  ["version", "Did you mean --version?"],
  ["upload", "Carrel reads only. To change libraries: govc library.import, govc library.rm"],
] as const)("carrel %s, a word of other tools, is answered with advice", async ([word, advice]) => {
  const { exitCode, stderr } = await runCli([word], env);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: `carrel: Unknown command '${word}'\n  ${advice}\n  Run "carrel --help" for usage\n`,
  });
});

test.for([
  ["connection", "carrel trust HOST"],
  ["environment", "VSPHERE_PASSWORD_FILE"],
  ["exit-codes", "6    the certificate is not accepted"],
  ["unattended", "CARREL_EXIT_CODE"],
  ["json", '"verifiedBy"'],
  ["names", "LIBRARY/ITEM/FILE"],
] as const)("carrel help %s explains it in at most 100 columns", async ([topic, part]) => {
  const { exitCode, stdout, stderr } = await runCli(["help", topic], { ...env, HOME: "/home/u" });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain(part);
  expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  expect((await runCli(["--help"])).stdout).toContain(topic);
});

test("with --json a wrong command line is an event too", async () => {
  const { stdout } = await runCli(["get", "a/b", "--outptu", "x", "--json"], env);
  const hints = ["Did you mean --output?", 'Run "carrel get --help" for usage'];
  const message = "Unknown option '--outptu'";
  const error = { code: "USAGE", retryable: false, message, hints, exitCode: 2 };
  expect(eventsOf(stdout)).toEqual([{ type: "error", error }]);
});

test.for([["sessions rm"], ["trust ls"], ["get"], [""]])(
  "carrel help %s is the help of that command",
  async ([words]) => {
    const path = words ? words.split(" ") : [];
    const help = await runCli([...path, "--help"]);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    expect(help.stdout).toContain(`Usage: ${["carrel", ...path].join(" ")} [`);
    expect(await runCli(["help", ...path])).toEqual(help);
  },
);

test.for([
  [["get", "Images/x", "-o", ""], "--output"],
  [["get", "Images/x", "--output="], "--output"],
  [["get", "Images/x", "--checksum", ""], "--checksum"],
  [["get", ""], "<library/item[/file]>"],
  [["get", "Images/x", ""], "<library/item[/file]>"],
  [["mirror", "Images", ""], "<dir>"],
  [["mirror", "", "/nonexistent"], "<library>"],
  [["ls", ""], "<library[/item[/file[/member]]]>"],
  [["ls", "--ca", ""], "--ca"],
  [["ls", "--context", ""], "--context"],
  [["ls", "--server", ""], "--server"],
  [["ls", "--user", ""], "--user"],
  [["ls", "--thumbprint", ""], "--thumbprint"],
  [["trust", ""], "<host[:port]>"],
  [["trust", "rm", ""], "<host[:port]>"],
  [["sessions", "rm", ""], "<id>"],
  [["doctor", "--item", ""], "--item"],
  [["sim", "--seed", ""], "--seed"],
] as const)("%j: a variable that is not set does not count as a value", async ([args, what]) => {
  const { exitCode, stdout, stderr } = await runCli(args, env);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr.split("\n")[0]).toBe(`carrel: ${what} is empty`);
  expect(stderr).toContain("Is a variable unset?");
});
