import { useCallback, useEffect, useRef } from "react";
import { asProblem, Problem } from "./problem";
import { Store, useStore } from "./store";

/** What is known of an answer: the newest one, and what became of the last try. */
export interface Query<Value> {
  data?: Value;
  problem?: Problem;
  loading: boolean;
}

interface Entry {
  store: Store<Query<unknown>>;
  running: Promise<void> | null;
  again: boolean;
  fetch: (() => Promise<unknown>) | null;
  timer?: ReturnType<typeof setTimeout>;
}

const entries = new Map<string, Entry>();
const nothing = new Store<Query<any>>({ loading: false });
const mostEntries = 200;

/** Whether the server answered the last time anything was asked. */
export const reachable = new Store(true);

function entry(key: string): Entry {
  let found = entries.get(key);
  if (!found) {
    if (entries.size >= mostEntries) entries.delete(entries.keys().next().value as string);
    found = { store: new Store<Query<unknown>>({ loading: true }), running: null, again: false,
      fetch: null };
    entries.set(key, found);
  }
  return found;
}

/** What only failed for now is asked again for as long as somebody looks at it. */
function comeBack(at: Entry, problem: Problem): void {
  if (![429, 502, 503, 504].includes(problem.status)) return;
  clearTimeout(at.timer);
  at.timer = setTimeout(() => {
    if (at.store.isWatched) void load(at);
  }, Math.max(problem.retryAfter, 2) * 1_000);
}

async function load(at: Entry): Promise<void> {
  if (at.running) {
    at.again = true;
    return at.running;
  }
  const fetch = at.fetch;
  if (!fetch) return;
  at.running = (async () => {
    try {
      const data = await fetch();
      reachable.set(true);
      at.store.set({ data, loading: false });
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === "offline") reachable.set(false);
      at.store.set((last) => ({ data: last.data, problem, loading: false }));
      comeBack(at, problem);
    }
  })();
  await at.running;
  at.running = null;
  if (at.again) {
    at.again = false;
    await load(at);
  }
}

/** Asks once, shows what it knows meanwhile, and asks again every so many milliseconds. */
export function useQuery<Value>(
  key: string | null, fetch: () => Promise<Value>, every?: number,
): Query<Value> & { reload: () => Promise<void> } {
  const latest = useRef(fetch);
  latest.current = fetch;
  const at = key === null ? null : entry(key);
  useEffect(() => {
    if (!at) return undefined;
    at.fetch = () => latest.current();
    void load(at);
    if (!every) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void load(at);
    }, every);
    return () => clearInterval(timer);
  }, [at, every]);
  const query = useStore((at?.store ?? nothing) as Store<Query<Value>>);
  const reload = useCallback(async () => {
    if (at) await load(at);
  }, [at]);
  return { ...query, reload };
}

/** Puts an answer that came another way in the place of what is known. */
export function put<Value>(key: string, data: Value): void {
  entry(key).store.set({ data, loading: false });
}

/** Asks again for everything whose key begins so. */
export function refresh(prefix: string): void {
  for (const [key, at] of entries) if (key.startsWith(prefix)) void load(at);
}

/** Forgets everything: another person comes. */
export function forget(): void {
  entries.clear();
}
