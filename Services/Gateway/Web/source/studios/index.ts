import type { ReactNode } from "react";
import type { Reply } from "../frame/api";
import type { Route } from "../frame/router";
import type { IconName } from "../parts/icons";
import { write } from "./write";

export type Run = Reply<"GET /runs/{id}">;

export type Pigment = "ultra" | "viridian" | "vermilion" | "violet" | "ochre" | "slate";

/** All that the frame knows of a studio: with this it has its place everywhere. */
export interface Studio {
  /** As runs name it. */
  id: string;
  name: string;
  /** One line, in the imperative. */
  summary: string;
  pigment: Pigment;
  icon: IconName;
  /** The key after `N`. */
  key: string;
  /** Where a new one begins. */
  start: string;
  startName: string;
  routes: Route[];
  /** The screen of one of its runs. */
  run: (run: Run) => ReactNode;
  /** What an ended run came to, in a few words. */
  result: (run: Run) => string;
}

export const studios: Studio[] = [write];

export function studioOf(id: string): Studio | undefined {
  return studios.find((one) => one.id === id);
}
