import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from "react";
import { Store, useStore } from "./store";

interface Place {
  path: string;
  query: string;
}

const here = (): Place => ({ path: location.pathname, query: location.search });
const place = new Store<Place>(here());
addEventListener("popstate", () => place.set(here()));

export function navigate(to: string, how: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search) return;
  if (how.replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  const samePage = place.get().path === location.pathname;
  place.set(here());
  // The reader of a screen is taken along; who only filters a list is not.
  if (!samePage && !how.replace) {
    requestAnimationFrame(() => {
      const main = document.getElementById("main");
      main?.focus({ preventScroll: true });
      main?.scrollTo({ top: 0 });
    });
  }
}

/** A place of our own that somebody is to come to: "//evil.example" is an address elsewhere. */
export function ownPlace(wanted: string | null): string {
  return wanted && /^\/(?!\/|\\)/.test(wanted) ? wanted : "/";
}

export function usePlace(): Place {
  return useStore(place);
}

export function useQueryWord(name: string): [string | null, (value: string | null) => void] {
  const { path, query } = usePlace();
  const words = new URLSearchParams(query);
  const set = (value: string | null) => {
    if (value === null) words.delete(name);
    else words.set(name, value);
    const text = words.toString();
    navigate(path + (text ? `?${text}` : ""), { replace: true });
  };
  return [words.get(name), set];
}

export interface Route {
  /** Such as `/runs/{id}`. */
  path: string;
  title: string;
  render: (parts: Record<string, string>) => ReactNode;
  /** Where it stands in the main navigation. */
  section?: string;
  crumbs?: Array<{ name: string; to: string }>;
  /** The screen scrolls in panes of its own. */
  isFlush?: boolean;
}

export function match(routes: Route[], path: string): [Route, Record<string, string>] | null {
  const parts = path.split("/").filter(Boolean);
  for (const route of routes) {
    const names = route.path.split("/").filter(Boolean);
    if (names.length !== parts.length) continue;
    const found: Record<string, string> = {};
    const fits = names.every((name, at) => {
      if (!name.startsWith("{")) return name === parts[at];
      try {
        found[name.slice(1, -1)] = decodeURIComponent(parts[at]);
        return true;
      } catch {
        return false;
      }
    });
    if (fits) return [route, found];
  }
  return null;
}

/** A link within the page; with a modifier key it is an ordinary one. */
export function Link(props: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    props.onClick?.(event);
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey &&
      !event.altKey;
    if (event.defaultPrevented || !isPlain) return;
    event.preventDefault();
    navigate(props.href);
  };
  return <a {...props} onClick={follow} />;
}
