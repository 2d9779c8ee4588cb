import { useSyncExternalStore } from "react";

/** A value that components watch. */
export class Store<Value> {
  private watchers = new Set<() => void>();

  constructor(private value: Value) {}

  get = (): Value => this.value;

  set(next: Value | ((value: Value) => Value)): void {
    const value = typeof next === "function" ? (next as (value: Value) => Value)(this.value) : next;
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const watcher of [...this.watchers]) watcher();
  }

  get isWatched(): boolean {
    return this.watchers.size > 0;
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
}

export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.watch, store.get);
}

/** After a person has gone, nothing of theirs is kept any more. */
let isClosed = false;
const isDraft = (name: string): boolean => name.startsWith("draft.");

/** What a browser keeps for this page; a browser that keeps nothing is as good as an empty one. */
export const kept = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(`atelier.${name}`);
    } catch {
      return null;
    }
  },
  /** False where there was no room. */
  set(name: string, value: string | null): boolean {
    if (isClosed && isDraft(name)) return false;
    try {
      if (value === null) localStorage.removeItem(`atelier.${name}`);
      else localStorage.setItem(`atelier.${name}`, value);
      return true;
    } catch {
      return false;
    }
  },
  /** A person has come: what they begin is kept from now on. */
  welcome(): void {
    isClosed = false;
  },
  /** Forgets what belongs to a person; what belongs to the browser stays. */
  forgetPerson(): void {
    isClosed = true;
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith("atelier.draft.")) localStorage.removeItem(name);
      }
    } catch {
      // Nothing is kept, so there is nothing to forget.
    }
  },
};

/** Where a reader was, for as long as this window lives. */
export const leftAt = {
  keep(name: string, place: number): void {
    try {
      sessionStorage.setItem(`atelier.left.${name}`, String(Math.round(place)));
    } catch {
      // Then a reload begins at the top.
    }
  },
  /** Told once. */
  take(name: string): number {
    try {
      const place = Number(sessionStorage.getItem(`atelier.left.${name}`) ?? 0);
      sessionStorage.removeItem(`atelier.left.${name}`);
      return place || 0;
    } catch {
      return 0;
    }
  },
};
