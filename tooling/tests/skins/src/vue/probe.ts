import { useDownloadSession, useDownloadSessions, useItemDownload, usePreparedFile } from "@carrel/vue";
import type { SessionSnapshot, StoreState } from "@carrel/rx";
import { defineComponent, h } from "vue";
import type { Component, PropType, VNode } from "vue";
import { downloadText, fileText, listText, sessionText } from "../probe.ts";
import type { ProbeProps } from "../probe.ts";

/** The probe in Vue. Its properties are read at each render, so that they may be those of a reactive object. */
export function probeOf(read: () => ProbeProps): Component {
  const List = defineComponent(() => {
    const sessions = useDownloadSessions({ intervalMs: 20 });
    return () => h("p", { class: "list" }, listText(sessions.value));
  });

  const Viewer = defineComponent(() => {
    const session = useDownloadSession(
      () => read().itemId,
      () => read().options ?? {},
    );
    return () => h("section", [h("p", { class: "session" }, sessionText(session.value)), file(session.value)]);
  });

  function file(session: ReturnType<typeof useDownloadSession>["value"]): VNode | undefined {
    const { fileName } = read();
    return fileName === undefined ? undefined : h(File, { session, fileName });
  }

  return defineComponent(() => {
    const download = useItemDownload(() => read().download);
    return () => {
      const { viewers = 1, lists = false } = read();
      return [
        Array.from({ length: viewers }, (_, index) => h(Viewer, { key: index })),
        lists ? h(List) : undefined,
        h("p", { class: "download" }, downloadText(download.value)),
      ];
    };
  });
}

const File = defineComponent({
  props: {
    session: { type: Object as PropType<StoreState<SessionSnapshot>>, required: true },
    fileName: { type: String, required: true },
  },
  setup(props) {
    const endpoint = usePreparedFile(
      () => props.session,
      () => props.fileName,
    );
    return () => h("p", { class: "file" }, fileText(endpoint.value));
  },
});
