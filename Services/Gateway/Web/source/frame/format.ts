/** Figures and times as people read them, in the browser's own language where it has one. */

// Made once: making one takes longer than using it a hundred times.
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export function number(value: number): string {
  return whole.format(value);
}

export function score(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(1);
}

/** Credits are cents of list price: one decimal is enough. */
export function credits(value: number): string {
  return (value < 10 ? tenths : whole).format(value);
}

export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

export function between(from?: string | null, to?: string | null): string {
  if (!from) return "";
  return duration((to ? Date.parse(to) : Date.now()) - Date.parse(from));
}

export function ago(time: string): string {
  const seconds = (Date.now() - Date.parse(time)) / 1_000;
  if (seconds < 60) return "just now";
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  if (days === 1) return "Yesterday";
  return day(time);
}

export function day(time: string): string {
  return new Date(time).toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${Math.round(count / 1_000)} KB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

export function tokens(count: number): string {
  if (count < 10_000) return number(count);
  if (count < 1_000_000) return `${Math.round(count / 1_000)} K`;
  return `${(count / 1_000_000).toFixed(1)} M`;
}

/** Words as a writer counts them. */
export function words(text: string): number {
  let count = 0;
  let inWord = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const isBlank = unit === 32 || (unit >= 9 && unit <= 13) || unit === 160 || unit === 0x3000;
    if (!isBlank && !inWord) count += 1;
    inWord = !isBlank;
  }
  return count;
}

export function plural(count: number, one: string, many = one + "s"): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
