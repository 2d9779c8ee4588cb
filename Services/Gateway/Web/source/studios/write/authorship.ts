import { words } from "../../frame/format";
import type { Passage } from "../../parts/Document";
import { blocksOf } from "../../parts/markdown";
import type { Pigment } from "..";
import type { Session } from "./live";
import { pigmentOf } from "./story";

export interface Share {
  name: string;
  pigment: Pigment;
  part: number;
}

const key = (block: string): string => block.trim().replace(/\s+/g, " ");

/** Who brought a passage in: by its first occurrence among the draft and the writers' answers. */
class Origins {
  private readonly first = new Map<string, string>();

  constructor(session: Session, draft: string) {
    for (const block of blocksOf(draft)) this.first.set(key(block), "");
    for (const round of session.rounds) {
      for (const turn of round.turns) {
        if (turn.role !== "writer") continue;
        for (const block of blocksOf(turn.text)) {
          const name = key(block);
          if (!this.first.has(name)) this.first.set(name, turn.agent);
        }
      }
    }
  }

  /** The agent's name; "" for the person. */
  of(block: string): string {
    return this.first.get(key(block)) ?? "";
  }
}

/** The document in passages, each with its author's pigment, and how much is whose. */
export function attributed(
  session: Session, draft: string,
): { passages: Passage[]; shares: Share[] } {
  const origins = new Origins(session, draft);
  const counts = new Map<string, number>();
  let total = 0;
  const passages = blocksOf(session.document).map((text): Passage => {
    const name = origins.of(text);
    const count = words(text);
    counts.set(name, (counts.get(name) ?? 0) + count);
    total += count;
    return { text, by: name ? pigmentOf(session.agents, name) : "slate" };
  });
  const names = [...session.agents.map((agent) => agent.name), ""];
  const shares = names.filter((name) => counts.has(name)).map((name): Share => ({
    name: name || "You", pigment: name ? pigmentOf(session.agents, name) : "slate",
    part: (counts.get(name) ?? 0) / Math.max(total, 1),
  }));
  return { passages, shares };
}
