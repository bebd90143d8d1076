export { getCarrelClient, setCarrelClient } from "./context.ts";
export { DownloadSession, DownloadSessions, ItemDownload, PreparedFile } from "./current.ts";
