import { ask } from "../../frame/api";
import { useQuery } from "../../frame/query";

/** What a session began with. It never changes. */
export function useDraft(id: string): string {
  const diff = useQuery(`draft/${id}`, () =>
    ask("GET /sessions/{id}/diff", { path: { id }, query: { from: 0, to: 0 } })).data;
  return diff ? diff.pieces.map((piece) => piece.text).join("") : "";
}
