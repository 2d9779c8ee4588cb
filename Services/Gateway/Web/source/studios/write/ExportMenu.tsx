import { ask, base } from "../../frame/api";
import { useQuery } from "../../frame/query";
import { Icon } from "../../parts/icons";
import type { Session } from "./live";

const forms: Array<["docx" | "html" | "md", string]> = [
  ["docx", "Word"], ["md", "Markdown"], ["html", "HTML"],
];

/** The result in the forms that people use. A session without a result has its document as it is. */
export function ExportMenu({ session, artifact }: { session: Session; artifact: string | null }) {
  const list = useQuery(
    artifact ? null : `artifacts/${session.id}`,
    () => ask("GET /runs/{id}/artifacts", { path: { id: session.id } })).data;
  const id = artifact ?? list?.items[0]?.id;
  if (!id) {
    return (
      <a className="btn primary" download href={`${base}/sessions/${session.id}/export?format=md`}>
        <Icon name="download" size={14} />Markdown
      </a>);
  }
  return (
    <span className="btns" role="group" aria-label="Download">
      {forms.map(([form, name], at) => (
        <a key={form} className={at === 0 ? "btn primary" : "btn"} download
          aria-label={`Download as ${name}`} href={`${base}/artifacts/${id}/export?format=${form}`}>
          {at === 0 && <Icon name="download" size={14} />}{name}
        </a>))}
    </span>);
}
