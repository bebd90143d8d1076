import { useEffect, useState } from "react";

/** What a call returns, once it has, or its error. Keep the function: another one is called again. */
export function useLoaded<T>(load: (() => Promise<T>) | undefined): { readonly value?: T; readonly error?: unknown } {
  const [state, setState] = useState<{ value?: T; error?: unknown }>({});
  useEffect(() => {
    let isCurrent = true;
    const show = (next: typeof state) => isCurrent && setState(next);
    show({});
    load?.().then(
      (value) => show({ value }),
      (error: unknown) => show({ error }),
    );
    return () => void (isCurrent = false);
  }, [load]);
  return state;
}

/** The time, in milliseconds, once a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
