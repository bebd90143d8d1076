export {
  countApiSessions,
  listDownloadSessions,
  type ApiRequest,
  type ApiSession,
  openApiSession,
} from "./open-api-session.ts";
export { buildGoCommand, findGo, goCommand, type GoCommand } from "./go.ts";
export { type PinnedRequest, textOf, sendPinned } from "./https-request.ts";
export {
  type FileSpec,
  type ItemSpec,
  type SeededFile,
  type SeededItem,
  seedItem,
  seededContent,
  sha256Of,
} from "./seed-item.ts";
export { type LibrarySpec, type SeededLibrary, seedLibrary } from "./seed-library.ts";
export { startVcsim } from "./start-vcsim.ts";
export type { Vcsim, VcsimExchange } from "./vcsim.ts";
export { testWithGo } from "./test-with-go.ts";
