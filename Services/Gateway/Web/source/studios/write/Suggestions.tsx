import { memo, useMemo, useState } from "react";
import { ask, type Reply } from "../../frame/api";
import { plural } from "../../frame/format";
import { complain } from "../../frame/notices";
import { refresh, useQuery } from "../../frame/query";
import { Icon } from "../../parts/icons";
import { Empty, Segments, Skeleton, Trouble, Who } from "../../parts/states";
import { Words } from "./Changes";
import type { Session } from "./live";
import { pigmentOf } from "./story";
import { wordDiff } from "./wordDiff";

type Suggestion = Reply<"GET /sessions/{id}/suggestions">["items"][number];
type Filter = "open" | "accepted" | "rejected";

const page = 40;
const obstacles: Record<string, string> = {
  edit: "Kept out: you had written here", lock: "Kept out: the passage is locked",
  rejection: "Kept out: you had rejected it",
};
const effects: Record<string, string> = {
  made: "It was made", undone: "It was undone", passed: "The passage has changed since",
};

const Card = memo(function Card(props: {
  one: Suggestion;
  session: Session;
  decide: (number: number, decision: "accept" | "reject") => Promise<void>;
}) {
  const { one, session, decide } = props;
  const [busy, setBusy] = useState(false);
  const changes = useMemo(() => wordDiff(one.before, one.after), [one.before, one.after]);
  const act = async (decision: "accept" | "reject") => {
    setBusy(true);
    await decide(one.number, decision);
    setBusy(false);
  };
  const word = one.pending ? "Your word waits for the next turn"
    : effects[one.effect ?? ""] ?? obstacles[one.obstacle ?? ""];
  return (
    <li className="card suggestion">
      <div className="row sm t3">
        <Who name={one.author} pigment={pigmentOf(session.agents, one.author)} />
        <span className="grow clip"><b className="t2">{one.author}</b> · round {one.round}</span>
        {word && <span className="tag">{word}</span>}
      </div>
      <div className="source mt8" dir="auto"><Words changes={changes} /></div>
      {one.reason && (
        <p className="sm t2 mt8" dir="auto">
          {one.reason_by && <b>{one.reason_by}: </b>}{one.reason}</p>)}
      {one.state === "open" && (
        <div className="row g6 mt8">
          <button type="button" className="btn sm" disabled={busy} onClick={() => void act("accept")}>
            <Icon name="check" size={13} />Accept
          </button>
          <button type="button" className="btn sm" disabled={busy} onClick={() => void act("reject")}>
            <Icon name="close" size={13} />Reject
          </button>
        </div>)}
    </li>);
});

/** Every change that an agent made, or would have made, with its reason and a person's word. */
export function Suggestions({ session }: { session: Session }) {
  const [filter, setFilter] = useState<Filter>("open");
  const [count, setCount] = useState(page);
  const list = useQuery(`suggestions/${session.id}/${filter}/${session.revision}`, () =>
    ask("GET /sessions/{id}/suggestions", { path: { id: session.id }, query: { state: filter } }));
  const decide = useMemo(() => async (number: number, decision: "accept" | "reject") => {
    try {
      await ask("POST /sessions/{id}/suggestions/{n}", {
        path: { id: session.id, n: number }, body: { decision } });
      refresh(`suggestions/${session.id}/`);
      refresh(`session/${session.id}`);
    } catch (error) {
      complain("Your word was not taken", error);
    }
  }, [session.id]);
  const items = list.data?.items ?? [];
  return (
    <div className="scroller" tabIndex={0} role="group" aria-label="Suggestions">
      <div className="doc plain">
        <div className="row wrap doc-meta">
          <Segments<Filter> label="Which" value={filter}
            options={[["open", "Open"], ["accepted", "Accepted"], ["rejected", "Rejected"]]}
            onChange={(value) => { setFilter(value); setCount(page); }} />
          {list.data && <span className="t3 sm">{plural(items.length, "suggestion")}</span>}
        </div>
        {list.loading && !list.data && <Skeleton label="Loading suggestions" />}
        {list.problem && <Trouble problem={list.problem} retry={list.reload} />}
        {list.data && items.length === 0 && (
          <Empty icon="check" title={filter === "open" ? "Nothing to decide" : "None"}
            text={filter === "open"
              ? "Changes that agents make stand in the text, and appear here for your word."
              : `Suggestions that you have ${filter} appear here.`} />)}
        <ul className="col g12">
          {items.slice(0, count).map((one) => (
            <Card key={one.number} one={one} session={session} decide={decide} />))}
        </ul>
        {items.length > count && (
          <button type="button" className="unfold" onClick={() => setCount((now) => now + page)}>
            Show {Math.min(page, items.length - count)} more
          </button>)}
      </div>
    </div>);
}
