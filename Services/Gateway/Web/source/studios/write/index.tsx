import { Suspense, lazy } from "react";
import { Skeleton } from "../../parts/states";
import type { Studio } from "..";

const New = lazy(() => import("./New"));
const WriteRun = lazy(() => import("./WriteRun"));

const loading = <Skeleton label="Loading" rows={6} />;

const results: Record<string, string> = {
  max_rounds: "All rounds made", threshold: "Good enough", plateau: "No longer better",
  no_change: "Nothing left to change", rejected: "Stopped at a gate", expired: "A gate ran out",
  done: "Done",
};

export const write: Studio = {
  id: "write", name: "Write", summary: "Refine a document in rounds", pigment: "ultra",
  icon: "write", key: "W", start: "/write/new", startName: "New Write session",
  routes: [{
    path: "/write/new", title: "New session", section: "write",
    crumbs: [{ name: "Home", to: "/" }],
    render: () => <Suspense fallback={loading}><New /></Suspense>,
  }],
  run: (run) => <Suspense fallback={loading}><WriteRun run={run} /></Suspense>,
  result: (run) => (run.stop_reason ? results[run.stop_reason] ?? run.stop_reason.replace(/_/g, " ")
    : run.error ?? ""),
};
