import { Component, resource, signal } from "@angular/core";
import { ItemFiles } from "./item-files.ts";
import { listItems } from "./vcenter.ts";

@Component({
  imports: [ItemFiles],
  selector: "app-root",
  template: `
    <main>
      <h1>Content library</h1>
      @if (items.error(); as error) {
        <p role="alert">{{ error.message }}</p>
      }
      <nav>
        @for (item of items.hasValue() ? items.value() : []; track item.id) {
          <button [attr.aria-pressed]="item.id === itemId()" (click)="toggle(item.id)">{{ item.name }}</button>
        }
      </nav>
      @for (id of chosen(); track id) {
        <app-item-files [itemId]="id" />
      } @empty {
        <p>Choose an item: a download session is opened on it.</p>
      }
    </main>
  `,
})
export class App {
  protected readonly items = resource({ loader: listItems });
  protected readonly itemId = signal<string | undefined>(undefined);

  /** As a list, so that another item is another component. */
  protected chosen(): readonly string[] {
    const id = this.itemId();
    return id === undefined ? [] : [id];
  }

  protected toggle(id: string | undefined): void {
    this.itemId.update((current) => (current === id ? undefined : id));
  }
}
