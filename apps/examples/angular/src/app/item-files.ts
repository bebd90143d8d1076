import { Component, computed, input, resource } from "@angular/core";
import { injectDownloadSession } from "@carrel/angular";
import { leaseOf } from "@carrel/rx";
import { FileButton } from "./file-button.ts";
import { SessionState } from "./session-state.ts";

const bytes = new Intl.NumberFormat("en", { notation: "compact", style: "unit", unit: "byte", unitDisplay: "narrow" });

/** The files of an item, under a download session that lives as long as this component is shown. */
@Component({
  imports: [FileButton, SessionState],
  selector: "app-item-files",
  template: `
    <section>
      <app-session-state [session]="session()" />
      @if (session().error ?? files.error(); as error) {
        <p role="alert">{{ error }}</p>
      }
      <table>
        <tbody>
          @for (file of files.hasValue() ? files.value() : []; track file.name) {
            <tr>
              <th>{{ file.name }}</th>
              <td>{{ file.size === undefined ? "" : format(file.size) }}</td>
              <td><app-file-button [session]="session()" [fileName]="file.name" /></td>
            </tr>
          }
        </tbody>
      </table>
    </section>
  `,
})
export class ItemFiles {
  readonly itemId = input.required<string>();
  protected readonly session = injectDownloadSession(this.itemId);
  private readonly lease = computed(() => leaseOf(this.session()));
  protected readonly files = resource({ params: this.lease, loader: ({ params: lease }) => lease.files() });
  protected readonly format = (size: number): string => bytes.format(size);
}
