import {
  CarrelProvider,
  useDownloadSession,
  useDownloadSessions,
  useItemDownload,
  usePreparedFile,
} from "@carrel/react";
import { createElement } from "react";
import type { ReactElement } from "react";
import { downloadText, fileText, listText, sessionText } from "../probe.ts";
import type { ProbeProps } from "../probe.ts";

/** The probe in React. */
export function Probe(props: ProbeProps): ReactElement {
  const { client, viewers = 1, lists = false, download } = props;
  return createElement(
    CarrelProvider,
    { client },
    Array.from({ length: viewers }, (_, index) => createElement(Viewer, { key: index, ...props })),
    lists ? createElement(List) : null,
    createElement(Download, { start: download }),
  );
}

function Viewer({ itemId, options, fileName }: ProbeProps): ReactElement {
  const session = useDownloadSession(itemId, { ...options });
  return createElement(
    "section",
    null,
    createElement("p", { className: "session" }, sessionText(session)),
    fileName === undefined ? null : createElement(File, { session, fileName }),
  );
}

function File({
  session,
  fileName,
}: {
  session: ReturnType<typeof useDownloadSession>;
  fileName: string;
}): ReactElement {
  return createElement("p", { className: "file" }, fileText(usePreparedFile(session, fileName)));
}

function List(): ReactElement {
  return createElement("p", { className: "list" }, listText(useDownloadSessions({ intervalMs: 20 })));
}

function Download({ start }: { start: ProbeProps["download"] }): ReactElement {
  return createElement("p", { className: "download" }, downloadText(useItemDownload(start)));
}
