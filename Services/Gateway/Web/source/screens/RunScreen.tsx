import { useEffect } from "react";
import { ask } from "../frame/api";
import { useQuery } from "../frame/query";
import { heading } from "../parts/Shell";
import { ScreenTrouble, Skeleton } from "../parts/states";
import { studioOf } from "../studios";
import { Missing } from "./Failures";

/** Any run: shown by its studio. */
export function RunScreen({ id }: { id: string }) {
  const run = useQuery(`run/${id}`, () => ask("GET /runs/{id}", { path: { id } }));
  const title = run.data?.title;
  useEffect(() => {
    if (!title) return undefined;
    document.title = `${title} · Atelier`;
    heading.set(title);
    return () => heading.set(null);
  }, [title]);
  if (run.problem?.status === 404) return <div className="page"><Missing /></div>;
  if (run.problem && !run.data) return <ScreenTrouble title="Run" problem={run.problem} retry={run.reload} />;
  if (!run.data) return <Skeleton label="Loading the run" rows={6} />;
  const studio = studioOf(run.data.studio);
  return studio ? <>{studio.run(run.data)}</> : <div className="page"><Missing /></div>;
}
