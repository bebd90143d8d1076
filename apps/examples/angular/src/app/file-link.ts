import { Component, input, signal } from "@angular/core";
import { injectPreparedFile } from "@carrel/angular";
import type { SessionSnapshot, StoreState } from "@carrel/rx";

const pending: StoreState<SessionSnapshot> = { status: "pending", value: undefined, error: undefined };

/** A button that prepares the file, and then a link to its bytes. */
@Component({
  selector: "app-file-link",
  template: `
    @if (!isWanted()) {
      <button (click)="isWanted.set(true)">Prepare</button>
    } @else if (file().error; as error) {
      <span role="alert">{{ error }}</span>
    } @else if (file().value; as endpoint) {
      <a [href]="endpoint.uri" [download]="fileName()">Download</a>
    } @else {
      <progress></progress>
    }
  `,
})
export class FileLink {
  readonly session = input.required<StoreState<SessionSnapshot>>();
  readonly fileName = input.required<string>();
  protected readonly isWanted = signal(false);
  // Until the file is wanted there is no session for it, and nothing is prepared.
  protected readonly file = injectPreparedFile(() => (this.isWanted() ? this.session() : pending), this.fileName);
}
