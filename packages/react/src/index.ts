export { CarrelProvider, useCarrelClient } from "./provider.ts";
export type { CarrelProviderProps } from "./provider.ts";
export { useDownloadSession, useDownloadSessions, useItemDownload, usePreparedFile } from "./hooks.ts";
