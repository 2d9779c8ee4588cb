export default function Templates(_: { part?: string; id?: string | null }) { return null; }
