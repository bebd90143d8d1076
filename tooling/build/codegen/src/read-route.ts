import type { BodyModel, InputMember, Result, RouteModel, Style } from "./operation-model.ts";
import { modelName, refName } from "./spec.ts";
import type { Schema, Spec, SpecBody, SpecOperation } from "./spec.ts";

const actionName: Record<Style, string> = { api: "action", rest: "~action" };

/** Reads one operation of one style. Throws with the id of the operation where the specification breaks a rule of ours. */
export function readRoute(style: Style, spec: Spec, key: string, method: string, operation: SpecOperation): RouteModel {
  const path = key.split("#")[0] ?? key;
  const parameters = operation.parameters ?? [];
  const action = parameters.find((parameter) => parameter.name === actionName[style]);
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const declared = parameters.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name);
  if (declared.join() !== pathParameters.join()) {
    throw new Error(
      `${style}: ${operation.operationId}: path parameters declared: ${declared.join()}, in the path: ${pathParameters.join()}`,
    );
  }
  const [status, result] = readResult(style, operation);
  const token = readClientToken(operation);
  return {
    method: method.toUpperCase(),
    path,
    ...(action?.schema.enum?.[0] !== undefined ? { action: action.schema.enum[0] } : {}),
    pathParameters,
    query: parameters.filter((parameter) => parameter.in === "query" && parameter !== action),
    body: operation.requestBody && readBody(operation.operationId, operation.requestBody),
    ...(token ? { clientToken: token } : {}),
    status,
    result,
    errors: readErrors(spec, operation),
  };
}

/** Parameters of the path, as arguments of the face. */
export function pathMembers(operation: SpecOperation): readonly InputMember[] {
  return (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
}

function readClientToken(operation: SpecOperation): "header" | "body" | undefined {
  if (operation.parameters?.some((parameter) => parameter.in === "header")) return "header";
  const schema = operation.requestBody?.content["application/json"]?.schema;
  return schema?.properties?.["client_token"] ? "body" : undefined;
}

function readBody(id: string, body: SpecBody): BodyModel {
  const schema = body.content["application/json"]?.schema;
  if (!schema) throw new Error(`${id}: the request body has no application/json schema`);
  const members = body["x-carrel-members"];
  const common = { required: body.required ?? false, ...(members ? { members } : {}) };
  const direct = modelName(schema);
  if (direct) return { model: direct, ...common };
  const [wrapper, inner] = Object.entries(schema.properties ?? {}).find(([name]) => name !== "client_token") ?? [];
  const model = inner && modelName(inner);
  if (!wrapper || !model) throw new Error(`${id}: the request body is neither a model nor one wrapped model`);
  return { model, wrapper, ...common };
}

function readResult(style: Style, operation: SpecOperation): [number, Result] {
  const [status, response] = Object.entries(operation.responses).find(([code]) => code.startsWith("2")) ?? [];
  if (!status || !response) throw new Error(`${style}: ${operation.operationId}: no success response`);
  let schema: Schema | undefined = response.content?.["application/json"]?.schema;
  if (schema && style === "rest") schema = schema.properties?.["value"];
  if (!schema) return [Number(status), { kind: "nothing" }];
  const isList = schema.type === "array";
  const element = isList ? (schema.items ?? {}) : schema;
  const model = modelName(element);
  if (!model && element.type !== "string") throw new Error(`${style}: ${operation.operationId}: unexpected result`);
  return [Number(status), { kind: isList ? "list" : model ? "object" : "string", ...(model ? { model } : {}) }];
}

function readErrors(spec: Spec, operation: SpecOperation): Record<string, readonly string[]> {
  const errors: Record<string, readonly string[]> = {};
  for (const [status, response] of Object.entries(operation.responses)) {
    if (status.startsWith("2")) continue;
    const resolved = response.$ref ? spec.components.responses?.[refName(response.$ref)] : response;
    const types = resolved?.["x-carrel-errors"];
    if (!types) throw new Error(`${operation.operationId}: the response ${status} names no x-carrel-errors`);
    errors[status] = types;
  }
  return errors;
}
