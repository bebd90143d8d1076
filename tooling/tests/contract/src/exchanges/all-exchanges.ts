import type { Exchange } from "../exchange.ts";
import { downloadSessions, downloadedFile } from "./download-sessions.ts";
import { emptyLists } from "./empty-lists.ts";
import { endings } from "./endings.ts";
import { items } from "./items.ts";
import { libraries } from "./libraries.ts";
import { logins } from "./logins.ts";
import { transfers } from "./transfers.ts";
import { upload } from "./upload.ts";

/** The contract: every exchange, in the order in which they are held. */
export const allExchanges: readonly Exchange[] = [
  ...logins,
  ...emptyLists,
  ...upload,
  ...libraries,
  ...items,
  ...downloadSessions,
  ...transfers,
  downloadedFile,
  ...endings,
];
