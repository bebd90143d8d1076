import { banner } from "./banner.ts";
import { block, operationDoc } from "./docstring.ts";
import type { BodyModel, InputMember, OperationModel } from "./operation-model.ts";

/** A service of the face: its operations, and the services nested in it. */
interface Service {
  readonly path: readonly string[];
  readonly operations: OperationModel[];
  readonly children: Map<string, Service>;
}

/** The typed client face, and the function that binds it to a caller. */
export function writeFace(operations: readonly OperationModel[]): string {
  const root: Service = { path: [], operations: [], children: new Map() };
  const shown = operations.filter((operation) => !operation.internal);
  for (const operation of shown) place(root, operation);
  const queries = shown.filter((operation) => queryInput(operation));
  const models = new Set<string>();
  for (const operation of shown) {
    const body = inputBody(operation);
    if (body) models.add(body.model);
    if (operation.api.result.model) models.add(operation.api.result.model);
  }
  return `${banner}
import type { Call } from "../wire/call.ts";
import type { CallOptions${shown.some((operation) => operation.idempotency === "token") ? ", CreateOptions" : ""} } from "../call-options.ts";
import type { ServerError } from "../errors/call-errors.ts";
import type { ${[...models].toSorted().join(", ")} } from "./models.gen.ts";
import { operations } from "./operations.gen.ts";

${[...queries.map(writeQuery), ...services(root).map(writeService)].join("\n\n")}

/** Binds every operation to one caller. */
export function createFace(call: Call): Face {
  return ${bind(root, "  ")};
}
`;
}

function place(root: Service, operation: OperationModel): void {
  const names = operation.id.split(".").slice(0, -1);
  let service = root;
  for (const name of names) {
    const child = service.children.get(name) ?? { path: [...service.path, name], operations: [], children: new Map() };
    service.children.set(name, child);
    service = child;
  }
  service.operations.push(operation);
}

function services(service: Service): Service[] {
  return [...[...service.children.values()].flatMap(services), service];
}

function writeService(service: Service): string {
  const members = [
    ...service.operations.map((operation) => `${operationDoc(operation, "  ")}\n  ${signature(operation)};`),
    ...[...service.children].map(
      ([name, child]) => `${block([sentence(child)], "  ")}\n  readonly ${name}: ${typeName(child)};`,
    ),
  ];
  const doc = service.path.length === 0 ? "Every operation of the specification." : sentence(service);
  return `${block([doc], "")}\nexport interface ${typeName(service)} {\n${members.join("\n\n")}\n}`;
}

function sentence(service: Service): string {
  return `Operations of the service \`${service.path.join(".")}\`.`;
}

function typeName(service: Service): string {
  return service.path.length === 0 ? "Face" : `${pascal(service.path)}Service`;
}

function signature(operation: OperationModel): string {
  const parts = operation.arguments.map((argument) => `${camel(argument.name)}: string`);
  const input = inputType(operation);
  if (input) parts.push(`${input.name}${input.required ? "" : "?"}: ${input.type}`);
  parts.push(`options?: ${optionsType(operation)}`);
  return `${methodName(operation)}(${parts.join(", ")}): Promise<${resultType(operation)}>`;
}

function bind(service: Service, indent: string): string {
  const lines = [
    ...service.operations.map((operation) => {
      const names = operation.arguments.map((argument) => camel(argument.name));
      const input = inputType(operation)?.name;
      const parameters = [...names, ...(input ? [input] : []), "options"].join(", ");
      return `${indent}  ${methodName(operation)}: (${parameters}) =>\n${indent}    call(operations[${JSON.stringify(operation.id)}], [${names.join(", ")}], ${input ?? "undefined"}, options),`;
    }),
    ...[...service.children].map(([name, child]) => `${indent}  ${name}: ${bind(child, `${indent}  `)},`),
  ];
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function inputBody(operation: OperationModel): BodyModel | undefined {
  return operation.api.body ?? operation.rest.body;
}

/** Query parameters that no body model covers and that are not arguments. */
function queryInput(operation: OperationModel): readonly InputMember[] | undefined {
  if (inputBody(operation) || operation.api.query.length === 0) return undefined;
  return operation.api.query;
}

function inputType(operation: OperationModel): { name: string; type: string; required: boolean } | undefined {
  const body = inputBody(operation);
  if (body) {
    const members = body.members?.map((member) => JSON.stringify(member)).join(" | ");
    return {
      name: "spec",
      type: members ? `Required<Pick<${body.model}, ${members}>>` : body.model,
      required: body.required,
    };
  }
  const query = queryInput(operation);
  return query && { name: "query", type: queryName(operation), required: query.some((member) => member.required) };
}

function writeQuery(operation: OperationModel): string {
  const members = (queryInput(operation) ?? []).map(
    (member) => `${block([member.description], "  ")}\n  readonly ${member.name}${member.required ? "" : "?"}: string;`,
  );
  return `${block([`Query of \`${operation.id}\`.`], "")}\nexport interface ${queryName(operation)} {\n${members.join("\n")}\n}`;
}

function queryName(operation: OperationModel): string {
  return `${pascal(operation.id.split("."))}Query`;
}

function resultType(operation: OperationModel): string {
  const { kind, model } = operation.api.result;
  if (kind === "nothing") return "void";
  const element = model ?? "string";
  return kind === "list" ? `readonly ${element}[]` : element;
}

function optionsType(operation: OperationModel): string {
  return operation.idempotency === "token" ? "CreateOptions" : "CallOptions";
}

function methodName(operation: OperationModel): string {
  return operation.id.split(".").at(-1) ?? operation.id;
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function pascal(names: readonly string[]): string {
  return names.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).join("");
}
