import { basename } from "node:path";
import type { Document, Operation, Parameter, Response } from "./document.ts";
import { readErrorTypes } from "./error-types.ts";
import { readBase, readPathKey } from "./path-key.ts";
import { jsonSchema } from "./raw-document.ts";
import type { RawDocument, RawOperation, RawParameter, RawResponse, RawSchema } from "./raw-document.ts";
import { refName } from "./shape.ts";
import { versionOf } from "./version.ts";

const METHODS = new Set(["get", "put", "post", "delete", "patch", "head", "options"]);

export interface ReadOptions {
  /** Schemas of other files that references may point to. */
  readonly more?: ReadonlyMap<string, RawSchema>;
  readonly version?: string | undefined;
}

/** Brings a Swagger 2.0 or OpenAPI 3 document into the audit's form. Throws with a sentence when it is neither. */
export function readDocument(raw: RawDocument, file: string, options: ReadOptions = {}): Document {
  if (raw?.swagger !== "2.0" && !raw?.openapi?.startsWith("3.")) {
    throw new Error(`${file} is neither Swagger 2.0 nor OpenAPI 3: it has no "swagger: 2.0" and no "openapi: 3..."`);
  }
  const base = readBase(raw.basePath ?? raw.servers?.[0]?.url);
  const operations: Operation[] = [];
  for (const [key, item] of Object.entries(raw.paths ?? {})) {
    const shared = (item["parameters"] ?? []) as readonly RawParameter[];
    for (const [method, operation] of Object.entries(item)) {
      if (METHODS.has(method))
        operations.push(readOperation(raw, base, key, method, operation as RawOperation, shared));
    }
  }
  return {
    label: basename(file),
    version: options.version ?? versionOf(raw.info?.version, basename(file)),
    operations,
    schemas: new Map([
      ...(options.more ?? []),
      ...Object.entries(raw.definitions ?? {}),
      ...Object.entries(raw.components?.schemas ?? {}),
    ]),
  };
}

function readOperation(
  raw: RawDocument,
  base: string,
  key: string,
  method: string,
  operation: RawOperation,
  shared: readonly RawParameter[],
): Operation {
  const { style, path, action } = readPathKey(base, key);
  const all = [...shared, ...(operation.parameters ?? [])].map((parameter) => resolveParameter(raw, parameter));
  const actionParameter = all.find(({ in: place, name }) => place === "query" && /^~?action$/.test(name ?? ""));
  const parameters = all.filter((parameter) => parameter !== actionParameter && parameter.in !== "body");
  const ours = raw.openapi?.startsWith("3.1") && operation.operationId?.includes(".") === true;
  return {
    label: ours ? (operation.operationId ?? key) : `${method.toUpperCase()} ${base}${key}`,
    style,
    method: method.toUpperCase(),
    path,
    action: action ?? actionSchema(actionParameter)?.enum?.[0],
    parameters: parameters.map(readParameter),
    body: readBody(operation, all),
    responses: new Map(
      Object.entries(operation.responses ?? {}).map(([status, response]) => [status, readResponse(raw, response)]),
    ),
  };
}

function actionSchema(parameter: RawParameter | undefined): RawSchema | undefined {
  return parameter?.schema ?? parameter;
}

function resolveParameter(raw: RawDocument, parameter: RawParameter): RawParameter {
  if (parameter.$ref === undefined) return parameter;
  return raw.components?.parameters?.[refName(parameter.$ref)] ?? parameter;
}

function readParameter(parameter: RawParameter): Parameter {
  return {
    in: parameter.in === "path" || parameter.in === "header" ? parameter.in : "query",
    name: parameter.name ?? "",
    required: parameter.required === true,
    schema: parameter.schema ?? { ...parameter, required: [] },
  };
}

function readBody(operation: RawOperation, parameters: readonly RawParameter[]): Operation["body"] {
  const inBody = parameters.find((parameter) => parameter.in === "body");
  if (inBody?.schema) return { required: inBody.required === true, schema: inBody.schema };
  const schema = jsonSchema(operation.requestBody?.content);
  return schema && { required: operation.requestBody?.required === true, schema };
}

function readResponse(raw: RawDocument, response: RawResponse): Response {
  const resolved = response.$ref ? (raw.components?.responses?.[refName(response.$ref)] ?? response) : response;
  const schema = resolved.schema ?? jsonSchema(resolved.content);
  return {
    schema,
    errors: resolved["x-carrel-errors"] ?? readErrorTypes(resolved, schema?.$ref && refName(schema.$ref)),
    since: resolved["x-carrel-since"],
  };
}
