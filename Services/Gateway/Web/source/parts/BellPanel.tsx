import { useEffect, useRef, useState } from "react";
import { Overlay } from "../frame/dialog";
import { ago } from "../frame/format";
import { announce, complain } from "../frame/notices";
import { put, useQuery } from "../frame/query";
import { Link } from "../frame/router";
import { Icon } from "./icons";
import { Empty, Skeleton, Trouble } from "./states";
import { askNotices, markRead, type Notice, type NoticeKind, type NoticePage } from "./told";

const marks: Record<NoticeKind, string> = {
  gate_waiting: "wait", run_completed: "ok", run_failed: "bad", experiment_winner: "ok",
  credits_low: "wait",
};
const letters: Partial<Record<Notice["email"], string>> = {
  sent: "also by email", waiting: "email on its way", failed: "email not sent",
  limited: "no email: too many",
};

function placeOf(notice: Notice): string {
  if (notice.run_id) return `/runs/${encodeURIComponent(notice.run_id)}`;
  return notice.kind === "credits_low" ? "/settings/credits" : "/runs";
}

function Row({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const letter = letters[notice.email];
  const isNew = !notice.read_at;
  return (
    <li>
      <Link className={isNew ? "notice new" : "notice"} href={placeOf(notice)} onClick={onClose}>
        <span className={`st ${marks[notice.kind] ?? "idle"}`} aria-hidden="true"><i /></span>
        <span className="grow">
          {isNew && <span className="vh">Unread: </span>}
          <span className="block notice-title" dir="auto">{notice.title}</span>
          {notice.text && <span className="t2 sm notice-text" dir="auto">{notice.text}</span>}
          <span className="t3 xs block"><time dateTime={notice.at}>{ago(notice.at)}</time>
            {letter && ` · ${letter}`}</span>
        </span>
      </Link>
    </li>);
}

/** Everything older than the first page, as far as somebody asked for it. */
function useOlder(first: NoticePage | undefined) {
  const [pages, setPages] = useState<NoticePage[]>([]);
  const next = (pages[pages.length - 1] ?? first)?.next_cursor ?? null;
  const load = async () => {
    if (!next) return;
    try {
      const page = await askNotices(next);
      setPages((all) => [...all, page]);
    } catch (error) {
      complain("Older notices could not be loaded", error);
    }
  };
  return { pages, setPages, next, load };
}

const name = "notices";

/** What the person was told, newest first; each leads to its run. */
export default function BellPanel(props: {
  unread: number;
  setUnread: (count: number) => void;
  onClose: () => void;
}) {
  const { unread, setUnread, onClose } = props;
  const query = useQuery(name, () => askNotices());
  const older = useOlder(query.data);
  const isBusy = useRef(false);
  const seen = useRef(unread);
  // News that comes while somebody looks is shown to them.
  useEffect(() => {
    if (unread > seen.current) void query.reload();
    seen.current = unread;
  }, [unread]);
  const known = new Set<string>();
  const all = [query.data, ...older.pages].flatMap((page) => page?.items ?? [])
    .filter((one) => !known.has(one.id) && known.add(one.id));
  const isRead = unread === 0 && all.every((one) => one.read_at);
  const markAll = async () => {
    const first = query.data;
    if (!first || !all[0] || isRead || isBusy.current) return;
    const pages = older.pages;
    const at = new Date().toISOString();
    const read = (page: NoticePage): NoticePage => ({
      ...page, items: page.items.map((one) => ({ ...one, read_at: one.read_at ?? at })) });
    isBusy.current = true;
    setUnread(0);
    put(name, read(first));
    older.setPages(pages.map(read));
    try {
      // Not what came meanwhile, which nobody has seen.
      setUnread(await markRead(all[0].id));
      announce("All notices are marked as read.");
    } catch (error) {
      put(name, first);
      older.setPages(pages);
      setUnread(unread);
      complain("The notices are still unread", error);
    }
    isBusy.current = false;
  };
  return (
    <Overlay label="Notices" className="notice-panel" scrim="corner" onClose={onClose}>
      <div className="card-head">
        <h2>Notices</h2>
        <span className="right row g4">
          {/* Not disabled: that would take the focus from the panel. */}
          <button type="button" className="btn sm ghost" onClick={() => void markAll()}
            aria-disabled={isRead}>
            <Icon name="check" size={13} />Mark all read</button>
          <button type="button" className="btn icon ghost sm" aria-label="Close" data-first=""
            onClick={onClose}><Icon name="close" /></button>
        </span>
      </div>
      <div className="notice-list">
        {query.loading && <Skeleton label="Loading notices" />}
        {query.problem && <Trouble problem={query.problem} retry={query.reload} />}
        {query.data && all.length === 0 && (
          <Empty icon="bell" title="Nothing to tell yet"
            text="When a run waits for you, ends or fails, it is told here." />)}
        {all.length > 0 && (
          <ul>{all.map((one) => <Row key={one.id} notice={one} onClose={onClose} />)}</ul>)}
        {older.next && (
          <div className="card-foot">
            <button type="button" className="btn sm" onClick={() => void older.load()}>
              Older notices</button>
          </div>)}
      </div>
      <div className="card-foot sm">
        <Link href="/settings/notifications" onClick={onClose}>What you are told of</Link>
      </div>
    </Overlay>);
}
