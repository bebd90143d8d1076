import { Component } from "@angular/core";
import type { Type } from "@angular/core";
import { injectDownloadSession, injectDownloadSessions, injectItemDownload, injectPreparedFile } from "@carrel/angular";
import type { StoreState } from "@carrel/rx";
import { downloadText, fileText, listText, sessionText } from "../probe.ts";
import type { ProbeProps } from "../probe.ts";

const none: StoreState<never> = { status: "pending" };

/** The probe in Angular, compiled in the page. Its properties are read in signals, so that they may be signals. */
export function probeOf(read: () => ProbeProps): Type<unknown> {
  const List = Component({ selector: "probe-list", template: `<p class="list">{{ text() }}</p>` })(
    class {
      readonly sessions = injectDownloadSessions({ intervalMs: 20 });
      readonly text = (): string => listText(this.sessions());
    },
  );

  const Viewer = Component({
    selector: "probe-viewer",
    template: `<p class="session">{{ text() }}</p>@if (hasFile()) {<p class="file">{{ fileText() }}</p>}`,
  })(
    class {
      readonly hasFile = (): boolean => read().fileName !== undefined;
      readonly session = injectDownloadSession(() => read().itemId, read().options);
      readonly file = injectPreparedFile(
        () => (this.hasFile() ? this.session() : none),
        () => read().fileName ?? "none",
      );
      readonly text = (): string => sessionText(this.session());
      readonly fileText = (): string => fileText(this.file());
    },
  );

  return Component({
    selector: "probe-root",
    imports: [List, Viewer],
    template: `@for (viewer of viewers(); track viewer) {<probe-viewer />} @if (lists()) {<probe-list />} <p class="download">{{ text() }}</p>`,
  })(
    class {
      readonly viewers = (): readonly number[] => [...Array(read().viewers ?? 1).keys()];
      readonly lists = (): boolean => read().lists ?? false;
      readonly download = injectItemDownload(() => read().download);
      readonly text = (): string => downloadText(this.download());
    },
  );
}
