// Debian's node-markdown-it comes without types; this is what we use of it.
declare module "markdown-it" {
  interface Token {
    attrGet(name: string): string | null;
    attrSet(name: string, value: string): void;
    attrs: Array<[string, string]> | null;
    content: string;
    children: Token[] | null;
  }
  type Rule = (
    tokens: Token[], index: number, options: unknown, env: unknown,
    self: { renderToken(tokens: Token[], index: number, options: unknown): string },
  ) => string;
  export default class MarkdownIt {
    constructor(options: { html: boolean; linkify?: boolean; breaks?: boolean });
    render(text: string): string;
    renderer: { rules: Record<string, Rule | undefined> };
    utils: { escapeHtml(text: string): string };
    disable(rules: string[]): this;
  }
}
