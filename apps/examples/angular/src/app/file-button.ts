import { Component, input, signal } from "@angular/core";
import { injectPreparedFile } from "@carrel/angular";
import { leaseOf } from "@carrel/rx";
import type { SessionSnapshot, StoreState } from "@carrel/rx";
import { saveFile } from "./save-file.ts";

const pending: StoreState<SessionSnapshot> = { status: "pending", value: undefined, error: undefined };

/** A button that prepares the file, and then one that downloads it. */
@Component({
  selector: "app-file-button",
  template: `
    @if (!isWanted()) {
      <button (click)="isWanted.set(true)">Prepare</button>
    } @else if (file().error ?? error(); as error) {
      <span role="alert">{{ error }}</span>
    } @else if (verifiedBy(); as proof) {
      <output>Verified by {{ proof }}</output>
    } @else if (percent() !== undefined) {
      <progress max="100" [value]="percent()"></progress>
    } @else if (file().value) {
      <button (click)="download()">Download</button>
    } @else {
      <progress></progress>
    }
  `,
})
export class FileButton {
  readonly session = input.required<StoreState<SessionSnapshot>>();
  readonly fileName = input.required<string>();
  protected readonly isWanted = signal(false);
  protected readonly percent = signal<number | undefined>(undefined);
  protected readonly verifiedBy = signal<string | undefined>(undefined);
  protected readonly error = signal<unknown>(undefined);
  // Until the file is wanted there is no session for it, and nothing is prepared.
  protected readonly file = injectPreparedFile(() => (this.isWanted() ? this.session() : pending), this.fileName);

  protected async download(): Promise<void> {
    const lease = leaseOf(this.session());
    if (!lease) return;
    this.percent.set(0);
    try {
      this.verifiedBy.set(await saveFile(lease, this.fileName(), (percent) => this.percent.set(percent)));
    } catch (error) {
      this.error.set(error);
    }
  }
}
