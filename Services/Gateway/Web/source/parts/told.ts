import { address, send, sendText } from "../frame/api";

export type NoticeKind =
  "gate_waiting" | "run_completed" | "run_failed" | "experiment_winner" | "credits_low";

/** Something that the person was told. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  /** None for what is no run's. */
  run_id?: string | null;
  title: string;
  text: string;
  at: string;
  read_at?: string | null;
  /** What became of it as an email; `limited` where there were too many. */
  email: "none" | "waiting" | "sent" | "failed" | "limited";
}

export interface NoticePage {
  items: Notice[];
  next_cursor: string | null;
}

async function get<Value>(path: string, query: Record<string, string | number | undefined> = {}) {
  const response = await send(
    address(path, {}, query), { method: "GET", headers: { accept: "application/json" } });
  return await response.json() as Value;
}

/** The newest first. */
export function askNotices(cursor?: string, limit = 20): Promise<NoticePage> {
  return get<NoticePage>("/notices", { limit, cursor });
}

export async function askUnread(): Promise<number> {
  return (await get<{ count: number }>("/notices/unread")).count;
}

/** Marks all up to one as read; answers with how many are left. */
export async function markRead(upTo: string): Promise<number> {
  const answer = await sendText("POST", "/notices/read", JSON.stringify({ up_to: upTo }));
  return (answer as { count: number }).count;
}
