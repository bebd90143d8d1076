import { send } from "@carrel/test-kit";
import { contentOf } from "./contract-files.ts";
import type { Exchange } from "./exchange.ts";
import { isMembers, mapStrings } from "./json.ts";
import type { Json } from "./json.ts";
import { KnownValues } from "./known-values.ts";
import { seenAnswer } from "./seen-answer.ts";
import type { SeenAnswer } from "./seen-answer.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

const base = { rest: "/rest/com/vmware", api: "/api" };
const sessionHeader = "vmware-api-session-id";

/** The exchanges with one server, performed in order: later ones depend on what earlier ones created. */
export class Conversation {
  readonly #server: ServerUnderTest;
  readonly #known: KnownValues;

  constructor(server: ServerUnderTest) {
    this.#server = server;
    this.#known = new KnownValues(server);
  }

  /** Sends the request and returns the answer. */
  async hold(exchange: Exchange): Promise<SeenAnswer> {
    const { style, url, certificate } = this.#server;
    const { method, path, body } = exchange[style];
    const filled = this.#known.fill(path);
    const target = filled.startsWith("https:") ? filled : `${url}${base[style]}${filled}`;
    const content = method === "PUT" && exchange.file ? contentOf(exchange.file) : this.#json(body);
    const headers = this.#headers(exchange, content);
    const answer = await send(
      target,
      { method, headers, ...(content === undefined ? {} : { body: content }) },
      certificate,
    );
    this.#keep(exchange, answer.status < 300 ? answer.text : "");
    return seenAnswer(answer, style, exchange.file, this.#known);
  }

  #json(body: Json | undefined): string | undefined {
    return body === undefined ? undefined : JSON.stringify(mapStrings(body, (text) => this.#known.fill(text)));
  }

  #headers(exchange: Exchange, content: string | Buffer | undefined): Record<string, string> {
    const all: Record<string, string | undefined> = {
      [sessionHeader]: "{login}",
      "content-type": typeof content === "string" ? "application/json" : undefined,
      "content-length": content === undefined ? undefined : String(Buffer.byteLength(content)),
      ...exchange.headers,
    };
    return Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, this.#known.fill(value)]])),
    );
  }

  #keep({ keep = {} }: Exchange, text: string): void {
    for (const [name, path] of Object.entries(keep)) {
      const body = text === "" ? null : (JSON.parse(text) as Json);
      const result = this.#server.style === "rest" && isMembers(body) ? body["value"] : body;
      const value = path.split(".").reduce(memberOf, result);
      if (typeof value === "string") this.#known.keep(name, value);
    }
  }
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return name === "" ? value : isMembers(value) ? value[name] : undefined;
}
