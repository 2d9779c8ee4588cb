import { base } from "../../frame/api";
import { Icon } from "../../parts/icons";
import type { Session } from "./live";

const forms: Array<["docx" | "html" | "md", string]> = [
  ["docx", "Word"], ["md", "Markdown"], ["html", "HTML"],
];

/** The document as it is, in the forms that people use. */
export function ExportMenu({ session }: { session: Session }) {
  return (
    <span className="btns" role="group" aria-label="Download">
      {forms.map(([form, name], at) => (
        <a key={form} className={at === 0 ? "btn primary" : "btn"} download
          aria-label={`Download as ${name}`}
          href={`${base}/sessions/${session.id}/export?format=${form}`}>
          {at === 0 && <Icon name="download" size={14} />}{name}
        </a>))}
    </span>);
}
