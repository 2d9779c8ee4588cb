export default function Settings(_: { part?: string; id?: string | null }) { return null; }
