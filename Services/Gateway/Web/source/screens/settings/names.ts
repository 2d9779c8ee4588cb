/** An issuer is an address; people know it by its host. */
export function issuerName(issuer: string): string {
  try {
    const { host } = new URL(issuer);
    return host === "github.com" ? "GitHub" : host;
  } catch {
    return issuer;
  }
}

const browsers: Array<[RegExp, string]> = [
  [/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const systems: Array<[RegExp, string]> = [
  [/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** What a client calls itself, as a person would; other programs by their own first word. */
export function clientName(client: string): string {
  const found = (list: Array<[RegExp, string]>) => list.find(([what]) => what.test(client))?.[1];
  const browser = found(browsers);
  const system = found(systems);
  if (browser) return system ? `${browser} on ${system}` : browser;
  return client.split(/[\s/]/)[0] || "An unnamed program";
}
