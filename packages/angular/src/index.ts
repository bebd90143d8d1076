export { injectCarrelClient, provideCarrel } from "./provide.ts";
export { injectDownloadSession, injectDownloadSessions, injectItemDownload, injectPreparedFile } from "./inject.ts";
