import { Component, computed, DestroyRef, inject, input, signal } from "@angular/core";
import type { SessionSnapshot, StoreState } from "@carrel/rx";

/** The session is renewed long before it expires, and then counts down again. */
@Component({
  selector: "app-session-state",
  template: `
    @if (held(); as session) {
      <p>
        Session: {{ session.phase }}, expires in <time>{{ left() }}</time
        >, renewed {{ session.renewals }} times
      </p>
    } @else {
      <p>Session: {{ session().value?.phase ?? "opening" }}</p>
    }
  `,
})
export class SessionState {
  readonly session = input.required<StoreState<SessionSnapshot>>();
  private readonly now = signal(Date.now());

  protected readonly held = computed(() => {
    const { value } = this.session();
    return value?.phase === "active" || value?.phase === "at-risk" ? value : undefined;
  });

  protected readonly left = computed(() => {
    const expiresAt = this.held()?.session.expiresAt.getTime() ?? 0;
    const seconds = Math.max(0, Math.round((expiresAt - this.now()) / 1_000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  });

  constructor() {
    const timer = setInterval(() => this.now.set(Date.now()), 1_000);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }
}
