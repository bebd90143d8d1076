import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCa } from "../src/settings/read-ca.ts";
import { runCli } from "./support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "carrel-ca-"));
const at = (name: string): string => join(folder, name);
const openssl = (...args: readonly string[]): Buffer => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
let pem = "";

beforeAll(() => {
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "key.pem",
    "-out",
    "c.pem",
    "-days",
    "30",
    "-subj",
    "/CN=authority",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
  );
  openssl("x509", "-in", "c.pem", "-trustout", "-addtrust", "serverAuth", "-out", "trusted.pem");
  openssl("x509", "-in", "c.pem", "-outform", "der", "-out", "c.der");
  openssl("crl2pkcs7", "-nocrl", "-certfile", "c.pem", "-out", "p7.pem");
  openssl("crl2pkcs7", "-nocrl", "-certfile", "c.pem", "-outform", "der", "-out", "p7.der");
  openssl("pkcs12", "-export", "-in", "c.pem", "-inkey", "key.pem", "-passout", "pass:x", "-out", "c.pfx");
  openssl("req", "-new", "-key", "key.pem", "-subj", "/CN=a", "-out", "csr.pem");
  openssl("req", "-in", "csr.pem", "-outform", "der", "-out", "csr.der");
  openssl("pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "der", "-out", "pkcs8.der");
  openssl("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:x", "-outform", "der", "-out", "encrypted.der");
  openssl("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:x", "-out", "encrypted.pem");
  openssl("rsa", "-in", "key.pem", "-traditional", "-outform", "der", "-out", "pkcs1.der");
  openssl("rsa", "-in", "key.pem", "-traditional", "-out", "pkcs1.pem");
  openssl("pkey", "-in", "key.pem", "-pubout", "-outform", "der", "-out", "public.der");
  openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem");
  pem = readFileSync(at("c.pem"), "utf8");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

describe("what is read", () => {
  test.for<[string, () => string | Uint8Array, number]>([
    ["PEM", () => pem, 1],
    ["several certificates", () => pem + pem, 2],
    ["CRLF", () => pem.replaceAll("\n", "\r\n"), 1],
    ["a byte order mark", () => `\uFEFF${pem}`, 1],
    ["UTF-16LE with a mark", () => Buffer.from(`\uFEFF${pem}`, "utf16le"), 1],
    ["UTF-16BE with a mark", () => Buffer.from(`\uFEFF${pem}`, "utf16le").swap16(), 1],
    ["UTF-16LE without a mark", () => Buffer.from(pem, "utf16le"), 1],
    ["text before, between and after", () => `Subject: é\n${pem}\nand another\n${pem}\nthe end`, 2],
    ["Latin-1 comments", () => Buffer.from(`# Autorit\u00E9\n${pem}`, "latin1"), 1],
    ["no line break at the end", () => pem.trimEnd(), 1],
    ["indentation", () => pem.replaceAll(/^/gmu, "    "), 1],
    ["a private key beside it", () => readFileSync(at("key.pem"), "utf8") + pem, 1],
    ["TRUSTED CERTIFICATE", () => readFileSync(at("trusted.pem")), 1],
    ["X509 CERTIFICATE", () => pem.replaceAll("N CERT", "N X509 CERT").replaceAll("D CERT", "D X509 CERT"), 1],
    ["DER", () => readFileSync(at("c.der")), 1],
    ["two of DER", () => Buffer.concat([readFileSync(at("c.der")), readFileSync(at("c.der"))]), 2],
  ])("%s", async ([, content, count]) => {
    const text = await readCa(file("read", content()), "--ca");
    expect(text.match(/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/gu)).toHaveLength(count);
    expect(text).not.toContain("PRIVATE");
  });

  test.for(["utf16le", "der", "trusted", "pipe"])("%s lets a server in that it has signed", async (form) => {
    const server = createServer({ cert: pem, key: readFileSync(at("key.pem")) }, (_request, response) => {
      response.writeHead(418).end();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const forms: Readonly<Record<string, string>> = {
      utf16le: file("utf16", Buffer.from(`\uFEFF${pem}`, "utf16le")),
      der: at("c.der"),
      trusted: at("trusted.pem"),
    };
    const args = [main, "doctor", "--server", address, "--json", "--ca"];
    const env = { PATH: process.env["PATH"], HOME: folder };
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const path = forms[form];
    const child =
      path === undefined
        ? spawn("bash", ["-c", '"$@" <(cat c.pem)', "bash", process.execPath, ...args], {
            env,
            stdio: [...stdio],
            cwd: folder,
          })
        : spawn(process.execPath, [...args, path], { env, stdio: [...stdio] });
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await once(child, "close");
    server.close();
    server.closeAllConnections();
    expect(output).toMatch(/"name":"certificate","status":"(?:ok|warning)"/u);
  });
});

describe("what is something else is called by its name", () => {
  const named = (name: string) => (): Uint8Array => readFileSync(at(name));
  test.for<[string, () => string | Uint8Array, RegExp]>([
    ["nothing", () => "", /^The file of --ca is empty: /u],
    ["PKCS#7", named("p7.pem"), /is a PKCS#7 bundle \(\.p7b\), not a certificate/u],
    ["PKCS#7 in DER", named("p7.der"), /is a PKCS#7 bundle/u],
    ["PKCS#12", named("c.pfx"), /is a PKCS#12 file \(\.pfx, \.p12\)/u],
    ["a CSR", named("csr.pem"), /is a certificate signing request \(CSR\)/u],
    ["a CSR in DER", named("csr.der"), /is a certificate signing request \(CSR\)/u],
    ["a private key", named("key.pem"), /is a private key/u],
    ["a private key, PKCS#1", named("pkcs1.pem"), /is a private key/u],
    ["an encrypted private key", named("encrypted.pem"), /is a private key/u],
    ["a private key in DER", named("pkcs8.der"), /is a private key/u],
    ["a private key in DER, PKCS#1", named("pkcs1.der"), /is a private key/u],
    ["an encrypted private key in DER", named("encrypted.der"), /is an encrypted private key/u],
    ["a public key", named("public.pem"), /is a public key/u],
    ["a public key in DER", named("public.der"), /is a public key/u],
    ["other DER", () => Buffer.from([0x30, 0x03, 0x01, 0x01, 0xff]), /is binary \(DER\), not a certificate/u],
    ["a ZIP archive", () => Buffer.from("PK\u0003\u0004rest"), /is a ZIP archive/u],
    ["gzip", () => Buffer.from([0x1f, 0x8b, 8]), /is a gzip archive/u],
    ["a Java keystore", () => Buffer.from([0xfe, 0xed, 0xfe, 0xed, 0]), /is a Java keystore/u],
    ["an HTML page", () => "<!DOCTYPE html><html></html>", /is an HTML page/u],
    ["Base64 alone", () => pem.split("\n").slice(1, -2).join("\n"), /is Base64 without the lines around it/u],
    ["text", () => "hello\n", /contains no PEM certificate/u],
    ["a certificate cut off", () => pem.slice(0, -40), /is truncated: it has no line "-----END CERTIFICATE-----"/u],
    ["a damaged one", () => pem.replace(/\n.{20}/u, "\n"), /^The certificate in the file of --ca is damaged: /u],
    ["a second one that is damaged", () => pem + pem.replace(/\n.{20}/u, "\n"), /^Certificate 2 of 2 /u],
    ["too much", () => Buffer.alloc(16 * 1024 * 1024 + 1, 65), /cannot be read: it is larger than 16\.0 MiB: /u],
  ])("%s", async ([, content, message]) => {
    const path = file("else", content());
    await expect(readCa(path, "--ca")).rejects.toThrow(message);
    await expect(readCa(path, "--ca")).rejects.toThrow(path);
  });

  test.for<[string, () => string, RegExp]>([
    ["a folder", () => folder, /cannot be read: it is a directory, not a plain file/u],
    ["a device", () => "/dev/zero", /cannot be read: it is a device, not a plain file/u],
    ["nothing at all", () => at("missing"), /cannot be read: it does not exist/u],
    ["a path through a file", () => `${at("c.pem")}/x`, /cannot be read: part of the path is not a directory/u],
  ])("%s", async ([, path, message]) => {
    await expect(readCa(path(), "--ca")).rejects.toThrow(message);
  });

  test("a pipe that nobody writes to does not hold it up", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    await expect(readCa(at("pipe"), "--ca")).rejects.toThrow("is empty");
  });

  test("where the config file names it, that is said", async () => {
    const config = join(folder, ".config", "carrel");
    execFileSync("mkdir", ["-p", config]);
    const contexts = { lab: { server: "vc.invalid", ca: "lab.p12" } };
    writeFileSync(join(config, "config.json"), JSON.stringify({ defaultContext: "lab", contexts }));
    writeFileSync(join(config, "lab.p12"), readFileSync(at("c.pfx")));
    const { exitCode, stderr } = await runCli(["ls"], { HOME: folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`The file of "ca" in context "lab" is a PKCS#12 file`);
    expect(stderr).toContain("openssl pkcs12 -in FILE -nokeys");
  });
});
