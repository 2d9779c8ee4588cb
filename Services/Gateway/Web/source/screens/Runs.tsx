import { useEffect, useState } from "react";
import { ask } from "../frame/api";
import { complain } from "../frame/notices";
import { useQuery } from "../frame/query";
import { Link, useQueryWord } from "../frame/router";
import { useCommands } from "../frame/shortcuts";
import { RunTable } from "../parts/RunTable";
import { Banner, Empty, Segments, Skeleton, Trouble } from "../parts/states";
import type { Run } from "../studios";

type Filter = "all" | "running" | "waiting" | "paused" | "completed" | "failed" | "cancelled";
const filters: Array<[Filter, string]> = [
  ["all", "All"], ["running", "Running"], ["waiting", "Waiting"], ["paused", "Paused"],
  ["completed", "Completed"], ["failed", "Failed"], ["cancelled", "Cancelled"],
];

function move(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
}

/** Everything that was ever begun. */
export function Runs() {
  const [word, setWord] = useQueryWord("state");
  const filter = (filters.find(([value]) => value === word)?.[0] ?? "all") as Filter;
  const [workspace, setWorkspace] = useQueryWord("workspace");
  const [text, setText] = useState("");
  const [more, setMore] = useState<Run[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const state = filter === "all" ? undefined : filter;
  const query = { state, limit: 50, workspace_id: workspace ?? undefined };
  const first = useQuery(
    `runs/all/${filter}/${workspace ?? ""}`, () => ask("GET /runs", { query }), 5_000);
  useEffect(() => {
    setMore([]);
    setCursor(null);
  }, [filter, workspace]);
  useCommands([
    { id: "next-row", name: "Next run", group: "Runs", keys: "J", run: () => move(1) },
    { id: "last-row", name: "Previous run", group: "Runs", keys: "K", run: () => move(-1) },
  ]);
  const next = more.length > 0 ? cursor : first.data?.next_cursor ?? null;
  const load = async () => {
    try {
      const page = await ask("GET /runs", { query: { ...query, cursor: next ?? undefined } });
      setMore((all) => [...all, ...page.items]);
      setCursor(page.next_cursor ?? null);
    } catch (error) {
      complain("Older runs could not be loaded", error);
    }
  };
  const known = new Set<string>();
  const all = [...(first.data?.items ?? []), ...more]
    .filter((run) => !known.has(run.id) && known.add(run.id));
  const shown = all.filter((run) => run.title.toLowerCase().includes(text.toLowerCase()));
  return (
    <div className="wrap">
      <div className="page-head">
        <div className="grow"><h1>Runs</h1>
          <p className="t2 mt4">Everything that was begun, newest first.</p></div>
        <Link className="btn primary" href="/write/new">New Write session</Link>
      </div>
      {workspace && (
        <Banner isBox icon="people" end={
          <button type="button" className="btn sm" onClick={() => setWorkspace(null)}>
            Show all</button>}>
          Only the runs of one workspace. <Link href={`/settings/people/${encodeURIComponent(workspace)}`}>
            Who is in it</Link>
        </Banner>)}
      <div className="row wrap filters">
        <Segments label="State" options={filters} value={filter}
          onChange={(value) => setWord(value === "all" ? null : value)} />
        <input className="input sm right filter-text" placeholder="Filter by title" value={text}
          aria-label="Filter by title" onChange={(event) => setText(event.target.value)} />
      </div>
      <section className="card" aria-label="Runs">
        {first.loading && <Skeleton label="Loading runs" rows={5} />}
        {first.problem && !first.data && <Trouble problem={first.problem} retry={first.reload} />}
        {first.data && shown.length > 0 && <RunTable runs={shown} />}
        {first.data && shown.length === 0 && (
          <Empty icon="search"
            title={text ? `No run matches “${text}”` : "No runs here"}
            text={text ? "We looked in the titles of what is loaded."
              : "Runs in this state appear here."}>
            {text
              ? <button type="button" className="btn sm" onClick={() => setText("")}>Clear</button>
              : <Link className="btn primary" href="/write/new">New Write session</Link>}
          </Empty>)}
        {next && <div className="card-foot">
          <button type="button" className="btn sm" onClick={() => void load()}>Older runs</button>
        </div>}
      </section>
    </div>);
}
