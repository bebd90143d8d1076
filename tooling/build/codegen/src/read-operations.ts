import type { BodyModel, OperationModel, RouteModel } from "./operation-model.ts";
import { pathMembers, readRoute } from "./read-route.ts";
import type { Spec, SpecOperation } from "./spec.ts";

interface Found {
  readonly key: string;
  readonly method: string;
  readonly operation: SpecOperation;
}

/** Joins the two styles by operationId. Throws where they disagree about an operation. */
export function readOperations(api: Spec, rest: Spec): readonly OperationModel[] {
  const modern = findOperations(api);
  const legacy = findOperations(rest);
  for (const id of legacy.keys()) {
    if (!modern.has(id)) throw new Error(`${id} stands in rest.yaml only`);
  }
  return [...modern].map(([id, found]) => {
    const other = legacy.get(id);
    if (!other) throw new Error(`${id} stands in api.yaml only`);
    return joinOperation(found, other, api, rest);
  });
}

function findOperations(spec: Spec): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const [key, methods] of Object.entries(spec.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (found.has(operation.operationId)) throw new Error(`${operation.operationId} stands twice in one file`);
      found.set(operation.operationId, { key, method, operation });
    }
  }
  return found;
}

function joinOperation(modern: Found, legacy: Found, api: Spec, rest: Spec): OperationModel {
  const { operation } = modern;
  const id = operation.operationId;
  const sameIn = [
    "summary",
    "description",
    "x-carrel-cost",
    "x-carrel-idempotency",
    "x-carrel-privilege",
    "x-carrel-internal",
  ] as const;
  for (const member of sameIn) {
    if (operation[member] !== legacy.operation[member])
      throw new Error(`${id}: ${member} differs between api.yaml and rest.yaml`);
  }
  const apiRoute = readRoute("api", api, modern.key, modern.method, operation);
  const restRoute = readRoute("rest", rest, legacy.key, legacy.method, legacy.operation);
  if (JSON.stringify(apiRoute.result) !== JSON.stringify(restRoute.result))
    throw new Error(`${id}: the results differ`);
  checkInputs(id, apiRoute, restRoute);
  const privilege = operation["x-carrel-privilege"];
  return {
    id,
    summary: operation.summary,
    description: operation.description,
    cost: operation["x-carrel-cost"],
    idempotency: operation["x-carrel-idempotency"],
    ...(privilege ? { privilege } : {}),
    internal: operation["x-carrel-internal"] ?? false,
    access: operation.security ? "login" : "session",
    arguments: pathMembers(operation),
    api: apiRoute,
    rest: restRoute,
  };
}

/** Every argument of a caller must be sent in both styles: in the path, in the query or in a body. */
function checkInputs(id: string, api: RouteModel, rest: RouteModel): void {
  const lost = argumentWithoutPlace(api, rest) ?? argumentWithoutPlace(rest, api);
  if (lost !== undefined) throw new Error(`${id}: ${lost} has a place in one style only`);
  if (api.body && rest.body && bodyKey(api.body) !== bodyKey(rest.body)) {
    throw new Error(`${id}: the request bodies differ`);
  }
}

function argumentWithoutPlace(from: RouteModel, to: RouteModel): string | undefined {
  if (to.body) return undefined;
  const places = new Set([...to.pathParameters, ...to.query.map((member) => member.name)]);
  return from.pathParameters.find((name) => !places.has(name));
}

function bodyKey({ model, required, members }: BodyModel): string {
  return JSON.stringify([model, required, members]);
}
