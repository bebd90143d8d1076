import { X509Certificate } from "node:crypto";
import { seededContent, sha256Of } from "@carrel/vcsim";
import { contractFiles } from "./contract-files.ts";
import { isMembers, mapStrings, isMessage } from "./json.ts";
import type { Json } from "./json.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const vcsimFolder = /[^\s"]*govcsim-\d+/g;
const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Values that differ between servers and between runs, by name. */
export class KnownValues {
  readonly #values = new Map<string, string>();
  readonly #url: string;

  constructor({ url, certificate, user, password, datastoreId }: ServerUnderTest) {
    this.#url = url;
    const basic = (secret: string): string => `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
    this.keep("credentials", basic(password));
    this.keep("wrongCredentials", basic(`not ${password}`));
    this.keep("user", user);
    this.keep("datastore", datastoreId);
    this.keep("thumbprint", new X509Certificate(certificate).fingerprint);
    const { small } = contractFiles;
    this.keep("smallDigest", sha256Of(seededContent(small.name, small.sizeBytes)));
  }

  keep(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** Replaces names by their values. Throws for an unknown name. */
  fill(text: string): string {
    return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = this.#values.get(name);
      if (value === undefined) throw new Error(`Cannot fill in "${name}": no earlier exchange has kept it`);
      return value;
    });
  }

  /** Replaces values by their names, and dates, messages, URLs and other identifiers by marks. */
  blank(value: Json): Json {
    return mapStrings(withoutMessages(value), (text, name) => {
      if (name === "expiration_time") return `<in ${Math.round((Date.parse(text) - Date.now()) / 60_000)} minutes>`;
      if (name === "uri" && text.startsWith(`${this.#url}/`)) return "<on the server itself>";
      if (date.test(text)) return "<date>";
      const longestFirst = [...this.#values].toSorted(([, one], [, other]) => other.length - one.length);
      return longestFirst
        .reduce((left, [key, known]) => left.replaceAll(known, `{${key}}`), text)
        .replaceAll(vcsimFolder, "<its folder>")
        .replaceAll(uuid, "<uuid>");
    });
  }
}

function withoutMessages(value: Json): Json {
  if (!isMembers(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isMessage(member) ? "<message>" : withoutMessages(member)]),
  );
}
