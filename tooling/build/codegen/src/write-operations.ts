import { banner } from "./banner.ts";
import type { OperationModel, RouteModel } from "./operation-model.ts";
import type { GeneratedPackage } from "./generated-package.ts";

/** The operation table: what the client, the codecs and the simulator share. */
export function writeOperations(
  operations: readonly OperationModel[],
  mapMembers: readonly string[],
  target: GeneratedPackage,
): string {
  const ids = operations.map((operation) => `  | ${quote(operation.id)}`).join("\n");
  const entries = operations.map((operation) => `  ${quote(operation.id)}: ${writeOperation(operation)},`).join("\n");
  return `${banner}
import type { Operation } from ${quote(target.operationTypes)};

/** The \`operationId\` of every operation in the specification. */
export type ${target.idType} =
${ids};

/** Every operation of the specification, in both wire styles. */
export const ${target.operations}: Readonly<Record<${target.idType}, Operation>> = {
${entries}
};
${target.face ? writeMapMembers(mapMembers) : ""}`;
}

function writeMapMembers(names: readonly string[]): string {
  return `
/** Members that are maps: objects in the modern style, arrays of key and value in the legacy one. */
export const mapMembers: readonly string[] = [${names.map(quote).join(", ")}];
`;
}

function writeOperation(operation: OperationModel): string {
  const names = operation.arguments.map((argument) => quote(argument.name)).join(", ");
  return `{
    id: ${quote(operation.id)},
    idempotency: ${quote(operation.idempotency)},
    access: ${quote(operation.access)},
    arguments: [${names}],
    result: ${quote(operation.api.result.kind)},${operation.api.result.model ? `\n    model: ${quote(operation.api.result.model)},` : ""}
    api: ${writeRoute(operation.api)},
    rest: ${writeRoute(operation.rest)},
  }`;
}

function writeRoute(route: RouteModel): string {
  const body = !route.body
    ? quote("none")
    : route.body.wrapper
      ? `{ wrapper: ${quote(route.body.wrapper)} }`
      : quote("members");
  return `{
      method: ${quote(route.method)},
      path: ${quote(route.path)},${route.action ? `\n      action: ${quote(route.action)},` : ""}
      query: [${route.query.map((member) => quote(member.name)).join(", ")}],
      body: ${body},${route.clientToken ? `\n      clientToken: ${quote(route.clientToken)},` : ""}
      status: ${route.status},
    }`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
