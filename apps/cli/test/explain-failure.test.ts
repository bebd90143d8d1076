import { CertificateError, PrepareError, TransferError, TransportError } from "@carrel/core";
import type { TransferProblem } from "@carrel/core";
import { MirrorError } from "@carrel/mirror";
import type { MirrorProblem } from "@carrel/mirror";
import { describe, expect, test } from "vitest";
import { CliError, notFoundError, usageError } from "../src/process/cli-error.ts";
import { InterruptedError } from "../src/process/signals.ts";
import { errorLine, explainFailure } from "../src/run/explain-failure.ts";

const hintsOf = (error: Error): string => explainFailure(error).hints.join("\n");

describe("a transfer at another origin than the client's", () => {
  const elsewhere = (problem: TransferProblem, more: object = {}): string =>
    hintsOf(
      new TransferError("It failed", {
        problem,
        origin: "https://10.0.0.7:8443",
        clientOrigin: "https://vc.example.test",
        ...more,
      }),
    );

  test("is advised by the name to connect as", () => {
    expect(elsewhere("refused", { status: 401, retryable: false })).toContain("--server 10.0.0.7:8443");
    expect(elsewhere("refused", { status: 404 })).toContain("Connect as 10.0.0.7:8443");
    expect(elsewhere("broken")).toContain("This machine must reach 10.0.0.7:8443 as well");
    expect(elsewhere("broken")).toContain("--server 10.0.0.7:8443");
    expect(elsewhere("busy")).toContain("Run the same command again");
    expect(elsewhere("refused", { origin: "https://vc.example.test", status: 404 })).not.toContain("--server");
  });

  test("over http is advised by the flag that allows it; a link-local one is not", () => {
    const origin = "http://10.0.0.7";
    expect(elsewhere("endpoint", { retryable: false, origin })).toContain("--allow-http-transfers");
    expect(elsewhere("endpoint", { retryable: false, origin: "https://169.254.169.254" })).toBe("");
  });
});

describe("a certificate", () => {
  const about = { host: "vc", seen: { sha256: "AA:BB", sha1: "CC" }, pinned: "SHA-1 DD" } as const;

  test("that the user's pin refuses can be trusted", () => {
    expect(hintsOf(new CertificateError("Not accepted", { problem: "not-pinned", ...about }))).toContain(
      "carrel trust vc",
    );
  });

  test("that the transfer endpoint refuses cannot", () => {
    for (const problem of ["not-endpoint", "bad-endpoint"] as const) {
      const hints = hintsOf(new CertificateError("Not accepted", { problem, ...about }));
      expect(hints).not.toMatch(/carrel trust|VSPHERE_THUMBPRINT|--ca/u);
      expect(hints).toContain("ask its administrator");
    }
  });
});

describe("a server that cannot be reached", () => {
  const unreachable = (code: string): string =>
    hintsOf(new TransportError("No answer", { cause: Object.assign(new Error("It failed"), { code }) }));

  test("is advised by the code of what failed below", () => {
    expect(unreachable("ENOTFOUND")).toContain("the DNS of this machine");
    expect(unreachable("ECONNREFUSED")).toContain("the server is running");
    expect(unreachable("ERR_SSL_WRONG_VERSION_NUMBER")).toContain(
      "This port does not speak TLS. Did you mean http://?",
    );
    for (const code of ["ECONNRESET", "toString"]) expect(unreachable(code)).toContain("Check the address");
  });

  test("is advised to be reached by https:// where it closes connections over http://", () => {
    const cause = Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" });
    const hints = (origin: string): string => hintsOf(new TransportError("No answer", { origin, cause }));
    expect(hints("http://vc.example.test")).toContain("This port may require https://.");
    expect(hints("https://vc.example.test")).not.toContain("https://");
  });
});

describe("content that is not there", () => {
  test("is advised by synchronizing the item, or by more time", () => {
    expect(hintsOf(new PrepareError("Not prepared", { fileName: "a" }))).toContain("carrel sync LIBRARY/ITEM");
    expect(hintsOf(new PrepareError("Too slow", { fileName: "a", retryable: true }))).toContain("--prepare-timeout");
  });

  test("behind a DIRECT endpoint is advised by the route that it requires", () => {
    const direct = new TransferError("The endpoint is DIRECT", { problem: "endpoint", retryable: false });
    expect(hintsOf(direct)).toContain("requires a route to the ESXi host");
  });
});

describe("a mirror's problem", () => {
  const adviceOn = (problem: MirrorProblem, more: object = {}): string =>
    hintsOf(new MirrorError("It failed", { problem, path: "/srv/images", ...more }));

  test.for<[MirrorProblem, string]>([
    ["locked", "Its lock is /srv/images"],
    ["other-library", "move /srv/images away"],
    ["record", "Move it away: existing files are then compared"],
    ["record-owner", "Run mirror as its owner"],
    ["library-empty", "If the library is really empty, delete /srv/images"],
    ["obstacle", "Move or remove it."],
    ["not-ours", "Move or remove it."],
    ["through-link", "remove the link"],
    ["gone-through-link", "Nothing was deleted."],
    ["name-clash", "Rename all but one"],
    ["name-exists", "--delete removes"],
    ["name-in-use", "see its error"],
    ["changed", "Run the same command again"],
    ["incomplete", ""],
  ])("%s is advised: %s", ([problem, advice]) => expect(adviceOn(problem)).toContain(advice));
});

const notAMirror = new MirrorError("Not a mirror", { problem: "not-a-mirror" });

test.each<[string, Error, object]>([
  ["an error of the library", new TransportError("no answer", {}), { code: "TRANSPORT", retryable: true, exitCode: 1 }],
  [
    "one that the command line adds advice to",
    new CliError("no", { exitCode: 2, cause: notAMirror }),
    { code: "MIRROR", problem: "not-a-mirror", exitCode: 2 },
  ],
  [
    "the command line",
    usageError("wrong", "Do it right."),
    { code: "USAGE", retryable: false, hints: ["Do it right."] },
  ],
  ["a name that does not exist", notFoundError("No library"), { code: "NOT_FOUND", retryable: false, exitCode: 4 }],
  ["a signal", new InterruptedError("SIGINT"), { code: "INTERRUPTED", retryable: true, exitCode: 130 }],
  ["a fault of this program", new Error("oh"), { code: "FAILED", retryable: false, message: "oh", exitCode: 1 }],
])("errorLine has the same members for %s", (_what, error, members) => {
  const { type, error: shown } = errorLine(explainFailure(error));
  expect(type).toBe("error");
  expect(shown).toMatchObject(members);
  expect(Object.keys(shown).filter((name) => name !== "problem")).toEqual([
    "code",
    "retryable",
    "message",
    "hints",
    "exitCode",
  ]);
});
