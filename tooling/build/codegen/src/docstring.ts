import type { OperationModel } from "./operation-model.ts";

const meaning: Readonly<Record<string, string>> = {
  NOT_FOUND: "code `NOT_FOUND`: there is no such object",
  INVALID_ARGUMENT: "code `REJECTED`: an argument is wrong",
  INVALID_ELEMENT_TYPE: "code `REJECTED`: the object is of another type",
  RESOURCE_INACCESSIBLE: "code `REJECTED`: something that the server needs for it cannot be reached",
  NOT_ALLOWED_IN_CURRENT_STATE: "code `REJECTED`: the state of the object forbids it",
  UNSUPPORTED: "code `REJECTED`: a file name cannot be written in a URL",
  UNAUTHORIZED: "code `AUTH`: the user lacks the privilege",
  UNAUTHENTICATED: "code `AUTH`: the login was refused",
  INTERNAL_SERVER_ERROR: "code `REJECTED`: the server failed",
  SERVICE_UNAVAILABLE: "code `BUSY`: the server is unavailable or overloaded, even after the retries",
};

/** The docstring of an operation, made of the specification's texts alone. */
export function operationDoc(operation: OperationModel, indent: string): string {
  const modern = route(
    "/api",
    operation.api.method,
    operation.api.path,
    operation.api.action && `?action=${operation.api.action}`,
  );
  const legacy = route(
    "/rest",
    operation.rest.method,
    operation.rest.path,
    operation.rest.action && `?~action=${operation.rest.action}`,
  );
  const lines = [
    operation.summary,
    "",
    ...wrap(operation.description),
    "",
    ...wrap(
      `Cost on the wire: ${lower(operation.cost)}${operation.privilege ? ` Privilege: ${operation.privilege}.` : ""}`,
    ),
    "",
    `Modern style: \`${modern}\`.`,
    `Legacy style: \`${legacy}\`.`,
    "",
    ...errorTypes(operation).map(
      (type) => `@throws {@link ServerError} ${type}, ${meaning[type] ?? "code `REJECTED`"}.`,
    ),
  ];
  return block(lines, indent);
}

/** A docstring of the given lines. */
export function block(lines: readonly string[], indent: string): string {
  const only = lines.length === 1 ? lines[0] : undefined;
  if (only !== undefined && only.length < 100) return `${indent}/** ${only} */`;
  return [`${indent}/**`, ...lines.map((line) => `${indent} *${line ? ` ${line}` : ""}`), `${indent} */`].join("\n");
}

/** Breaks a text into lines for a docstring. */
function wrap(text: string, width = 110): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return line ? [...lines, line] : lines;
}

function errorTypes(operation: OperationModel): string[] {
  return [...new Set([...Object.values(operation.api.errors), ...Object.values(operation.rest.errors)].flat())];
}

function route(base: string, method: string, path: string, action: string | undefined): string {
  return `${method} ${base}${path}${action ?? ""}`;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
