import { downloadSessionFileHandlers } from "./download-session-file.ts";
import { downloadSessionHandlers } from "./download-session.ts";
import type { Handler } from "./handler.ts";
import { itemFileHandlers } from "./item-file.ts";
import { itemHandlers } from "./item.ts";
import { libraryHandlers } from "./library.ts";
import type { ServedOperationId } from "../model/served-operation-id.ts";
import { sessionHandlers } from "./session.ts";
import { updateSessionFileHandlers } from "./update-session-file.ts";
import { updateSessionHandlers } from "./update-session.ts";

/** What each operation does. Total: an operation without a handler is a type error. */
export const handlers: Readonly<Record<ServedOperationId, Handler>> = {
  ...sessionHandlers,
  ...libraryHandlers,
  ...itemHandlers,
  ...itemFileHandlers,
  ...downloadSessionHandlers,
  ...downloadSessionFileHandlers,
  ...updateSessionHandlers,
  ...updateSessionFileHandlers,
};
