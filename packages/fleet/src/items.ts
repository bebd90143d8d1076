import type { PgBoss } from "pg-boss";
import type { FleetSelection } from "./fleet.ts";
import { engineSchema } from "./store.ts";
import type { FleetStore } from "./store.ts";

/** Which jobs are about the items of a selection. */
export function selectionSql({ mirror, item }: FleetSelection): {
  readonly text: string;
  readonly values: (string | null)[];
} {
  return {
    text: `($1::text is null or data->>'mirror' = $1)
      and ($2::text is null or data->>'item' = $2 or data->>'itemId' = $2)`,
    values: [mirror ?? null, item ?? null],
  };
}

/** Cancels what waits and what is at work. Workers notice with their next heartbeat. */
export async function cancelItems(boss: PgBoss, store: FleetStore, selection: FleetSelection): Promise<number> {
  const ids = await idsOf(store, selection, "name = 'item' and state <= 'active'");
  if (ids.length > 0) await boss.cancel("item", ids);
  return ids.length;
}

/** Has tried again what was given up, and now what is to be tried again later. */
export async function retryItems(boss: PgBoss, store: FleetStore, selection: FleetSelection): Promise<number> {
  const dead = await idsOf(store, selection, "name = 'item-dead' and state <= 'active'");
  if (dead.length > 0) await boss.redrive("item-dead", { ids: dead, destination: "item", limit: dead.length });
  const later = await idsOf(store, selection, "name = 'item' and state = 'retry'");
  for (const id of later) await boss.update("item", undefined, { id, startAfter: new Date() });
  return dead.length + later.length;
}

async function idsOf(store: FleetStore, selection: FleetSelection, where: string): Promise<string[]> {
  const { text, values } = selectionSql(selection);
  const rows = await store.query<{ id: string }>(
    `select id from ${engineSchema}.job where ${where} and ${text}`,
    values,
  );
  return rows.map(({ id }) => id);
}
