export default function TemplateEditor(_: { part?: string; id?: string | null }) { return null; }
