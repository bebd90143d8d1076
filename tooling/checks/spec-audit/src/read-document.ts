import { basename } from "node:path";
import type { BrokenPath, Document, Operation, Parameter, Response } from "./document.ts";
import { readErrorTypes } from "./error-types.ts";
import { readBase, readPathKey } from "./path-key.ts";
import { jsonSchema } from "./raw-document.ts";
import type { RawDocument, RawOperation, RawParameter, RawResponse, RawSchema } from "./raw-document.ts";
import { isObject, References, refName } from "./references.ts";
import { versionOf } from "./version.ts";

const METHODS = new Set(["get", "put", "post", "delete", "patch", "head", "options"]);

export interface ReadOptions {
  /** Other files that references may lead into, by name. */
  readonly more?: ReadonlyMap<string, RawDocument>;
  readonly version?: string | undefined;
}

/** Converts a Swagger 2.0 or OpenAPI 3 document into the form of the audit. Throws where it is neither. */
export function readDocument(raw: RawDocument, file: string, options: ReadOptions = {}): Document {
  if (raw?.swagger !== "2.0" && !raw?.openapi?.startsWith("3.")) {
    throw new Error(`${file} is neither Swagger 2.0 nor OpenAPI 3: it has no "swagger: 2.0" and no "openapi: 3..."`);
  }
  const label = basename(file);
  const more = options.more ?? new Map<string, RawDocument>();
  const references = new References(label, new Map([...more, [label, raw]]));
  const base = readBase(raw.basePath ?? raw.servers?.[0]?.url);
  const isOurs = raw.openapi?.startsWith("3.1") === true;
  const operations: Operation[] = [];
  const broken: BrokenPath[] = [];
  for (const [key, entry] of Object.entries(raw.paths ?? {})) {
    if (!isObject(entry)) continue;
    const item = references.follow(entry);
    if (item.value === undefined) {
      broken.push({ style: readPathKey(base, key).style, path: `${base}${key}`, why: item.broken ?? "" });
      continue;
    }
    const shared = parametersOf(item.value.parameters);
    for (const [method, operation] of Object.entries(item.value)) {
      if (!METHODS.has(method) || !isOperation(operation)) continue;
      const { operationId } = operation;
      const verb = method.toUpperCase();
      const name = isOurs && operationId?.includes(".") ? operationId : `${verb} ${base}${key}`;
      const reader = new OperationReader(references, operation, shared);
      operations.push({ label: name, method: verb, ...reader.read(readPathKey(base, key)) });
    }
  }
  return {
    label,
    version: options.version ?? versionOf(raw.info?.version, label),
    operations,
    schemas: new Map([...more.values(), raw].flatMap((each) => Object.entries(schemasOf(each)))),
    references,
    broken,
  };
}

/** Reads an operation, and records references that cannot be resolved. */
class OperationReader {
  readonly #references: References;
  readonly #operation: RawOperation;
  readonly #shared: readonly RawParameter[];
  readonly #broken: (readonly [string, string])[] = [];

  constructor(references: References, operation: RawOperation, shared: readonly RawParameter[]) {
    this.#references = references;
    this.#operation = operation;
    this.#shared = shared;
  }

  read({ style, path, action }: ReturnType<typeof readPathKey>): Omit<Operation, "label" | "method"> {
    const own = parametersOf(this.#operation.parameters);
    const all = [...this.#shared, ...own].flatMap((parameter) => this.#follow(parameter, "parameter") ?? []);
    const actionParameter = all.find(({ in: place, name }) => place === "query" && /^~?action$/.test(name ?? ""));
    const parameters = all.filter((parameter) => parameter !== actionParameter && parameter.in !== "body");
    return {
      style,
      path,
      action: action ?? actionSchema(actionParameter)?.enum?.[0],
      parameters: parameters.map(readParameter),
      body: this.#readBody(all),
      responses: new Map(
        Object.entries(this.#operation.responses ?? {}).flatMap(([status, response]) => {
          const read = this.#readResponse(status, response);
          return read ? [[status, read] as const] : [];
        }),
      ),
      broken: this.#broken,
    };
  }

  #readBody(parameters: readonly RawParameter[]): Operation["body"] {
    const inBody = parameters.find((parameter) => parameter.in === "body");
    if (inBody?.schema) return { required: inBody.required === true, schema: inBody.schema };
    const body = this.#follow(this.#operation.requestBody, "body");
    const schema = jsonSchema(body?.content);
    return schema && { required: body?.required === true, schema };
  }

  #readResponse(status: string, entry: RawResponse): Response | undefined {
    const response = this.#follow(entry, `status ${status}`);
    if (response === undefined) return undefined;
    const schema = response.schema ?? jsonSchema(response.content);
    return {
      schema,
      errors: response["x-carrel-errors"] ?? readErrorTypes(response, schema?.$ref && refName(schema.$ref)),
      since: response["x-carrel-since"],
    };
  }

  #follow<T extends { readonly $ref?: string }>(entry: T | undefined, part: string): T | undefined {
    if (!isObject(entry)) return undefined;
    const { value, broken } = this.#references.follow(entry);
    if (broken !== undefined) this.#broken.push([part, broken]);
    return value;
  }
}

function isOperation(value: unknown): value is RawOperation {
  return isObject(value);
}

function schemasOf({ definitions, components }: RawDocument): Readonly<Record<string, RawSchema>> {
  return { ...definitions, ...components?.schemas };
}

function parametersOf(value: unknown): readonly RawParameter[] {
  return Array.isArray(value) ? (value as readonly RawParameter[]) : [];
}

function actionSchema(parameter: RawParameter | undefined): RawSchema | undefined {
  return parameter?.schema ?? parameter;
}

function readParameter(parameter: RawParameter): Parameter {
  return {
    in: parameter.in === "path" || parameter.in === "header" ? parameter.in : "query",
    name: parameter.name ?? "",
    required: parameter.required === true,
    schema: parameter.schema ?? { ...parameter, required: [] },
  };
}
