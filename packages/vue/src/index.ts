export { carrel, useCarrelClient } from "./plugin.ts";
export { useDownloadSession, useDownloadSessions, useItemDownload, usePreparedFile } from "./composables.ts";
