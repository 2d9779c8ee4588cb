import { Suspense, lazy, useCallback, useEffect, useRef, useState } from "react";
import { plural } from "../frame/format";
import { announce } from "../frame/notices";
import { asProblem } from "../frame/problem";
import { usePlace } from "../frame/router";
import { useCommands } from "../frame/shortcuts";
import { Icon } from "./icons";
import { askUnread } from "./told";

const BellPanel = lazy(() => import("./BellPanel"));

const every = 60_000;
const tick = 5_000;

/**
 * How much is unread; null while nobody knows, and where the server tells of nothing. It is asked at
 * each screen, when the window is come back to, and each minute that it is seen: never more.
 */
function useUnread() {
  const { path } = usePlace();
  const [count, setCount] = useState<number | null>(null);
  const known = useRef<number | null>(null);
  const asked = useRef({ at: 0, isRunning: false, isAbsent: false });
  const set = useCallback((next: number | null) => {
    known.current = next;
    setCount(next);
  }, []);
  const look = useCallback(async () => {
    const now = asked.current;
    if (now.isRunning || now.isAbsent) return;
    now.isRunning = true;
    now.at = Date.now();
    try {
      const next = await askUnread();
      const before = known.current;
      if (before !== null && next > before) announce(`${plural(next - before, "new notice")}.`);
      set(next);
    } catch (error) {
      // What is known stays as it is: a bell is no place to complain.
      now.isAbsent = asProblem(error).status === 404;
    }
    now.isRunning = false;
  }, [set]);
  useEffect(() => void look(), [path, look]);
  useEffect(() => {
    const whenDue = () => {
      const isDue = Date.now() - asked.current.at >= every;
      if (isDue && document.visibilityState === "visible") void look();
    };
    const whenBack = () => void look();
    const timer = setInterval(whenDue, tick);
    addEventListener("focus", whenBack);
    return () => {
      clearInterval(timer);
      removeEventListener("focus", whenBack);
    };
  }, [look]);
  return [count, set] as const;
}

/** What the person was told, and how much of it is new. */
export function Bell() {
  const [count, setCount] = useUnread();
  const [isOpen, setOpen] = useState(false);
  const { path } = usePlace();
  useEffect(() => setOpen(false), [path]);
  useCommands(count === null ? [] : [{ id: "notices", name: "Notices", group: "Go to", keys: "G N",
    icon: "bell", run: () => setOpen(true) }]);
  if (count === null) return null;
  const label = count > 0 ? `Notices, ${count} unread` : "Notices";
  return (
    <>
      <button type="button" className="btn icon ghost sm bell" aria-haspopup="dialog"
        aria-expanded={isOpen} aria-label={label} title={label} onClick={() => setOpen(true)}>
        <Icon name="bell" />
        {count > 0 && <span className="badge" aria-hidden="true">{count > 99 ? "99+" : count}</span>}
      </button>
      {isOpen && (
        <Suspense fallback={null}>
          <BellPanel unread={count} setUnread={setCount} onClose={() => setOpen(false)} />
        </Suspense>)}
    </>);
}
