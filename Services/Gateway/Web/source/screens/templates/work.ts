import { useCallback, useEffect, useRef, useState } from "react";
import { kept } from "../../frame/store";
import type { TemplateFile } from "./shape";

const mostUndone = 100;
/** Milliseconds: what is typed in one go is one change. */
const together = 800;

interface Kept {
  file: TemplateFile;
  changes: number;
}

function read(shelf: string): Kept | null {
  try {
    const found = JSON.parse(kept.get(`draft.${shelf}`) ?? "null") as Kept | null;
    return found && Array.isArray(found.file?.steps) && Array.isArray(found.file.agents) ? found : null;
  } catch {
    return null;
  }
}

/** A template that is being worked on: kept through a reload, and each change can be undone. */
export function useWork(shelf: string, start: TemplateFile) {
  const [state, setState] = useState<Kept>(() => read(shelf) ?? { file: start, changes: 0 });
  const past = useRef<TemplateFile[]>([]);
  const changedAt = useRef(0);
  const changedIn = useRef<Element | null>(null);
  const change = useCallback((file: TemplateFile) => {
    const now = Date.now();
    const field = document.activeElement?.matches("input, textarea") ? document.activeElement : null;
    const isOn = field !== null && field === changedIn.current && past.current.length > 0 &&
      now - changedAt.current < together;
    [changedAt.current, changedIn.current] = [now, field];
    setState((before) => {
      if (!isOn) past.current = [...past.current, before.file].slice(-mostUndone);
      return { file, changes: isOn ? Math.max(before.changes, 1) : before.changes + 1 };
    });
  }, []);
  const undo = useCallback(() => {
    changedAt.current = 0;
    setState((now) => {
      // What was changed before a reload is undone in one go.
      const file = past.current[past.current.length - 1] ?? start;
      past.current = past.current.slice(0, -1);
      return { file, changes: file === start ? 0 : Math.max(0, now.changes - 1) };
    });
  }, [start]);
  const isGone = useRef(false);
  useEffect(() => {
    if (isGone.current) return undefined;
    const timer = setTimeout(() =>
      kept.set(`draft.${shelf}`, state.changes > 0 ? JSON.stringify(state) : null), 300);
    return () => clearTimeout(timer);
  }, [state, shelf]);
  const latest = useRef(state);
  latest.current = state;
  // Also what was changed in the last moment before the page is left.
  useEffect(() => {
    const keep = () => {
      if (!isGone.current && latest.current.changes > 0) {
        kept.set(`draft.${shelf}`, JSON.stringify(latest.current));
      }
    };
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, [shelf]);
  const forget = () => {
    isGone.current = true;
    kept.set(`draft.${shelf}`, null);
    setState((now) => ({ ...now, changes: 0 }));
  };
  return { ...state, change, undo, forget };
}
