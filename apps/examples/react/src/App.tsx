import { useState } from "react";
import { Failure } from "./Failure.tsx";
import { ItemFiles } from "./ItemFiles.tsx";
import { useLoaded } from "./hooks.ts";
import { listItems } from "./vcenter.ts";

export function App() {
  const items = useLoaded(listItems);
  const [itemId, setItemId] = useState<string>();
  return (
    <main>
      <h1>Content library</h1>
      <Failure error={items.error} />
      <nav>
        {items.value?.map(({ id, name }) => (
          <button key={id} aria-pressed={id === itemId} onClick={() => setItemId(id === itemId ? undefined : id)}>
            {name}
          </button>
        ))}
      </nav>
      {itemId === undefined ? (
        <p>Choose an item: a download session is opened on it.</p>
      ) : (
        <ItemFiles itemId={itemId} />
      )}
    </main>
  );
}
