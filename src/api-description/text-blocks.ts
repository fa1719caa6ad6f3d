/** A piece of a line. */
export interface TextPart {
  text: string;
  code?: boolean;
  strong?: boolean;
}

/** A paragraph, or a list with one entry for each line. */
export interface TextBlock {
  list: boolean;
  lines: TextPart[][];
}

/** The CommonMark that our descriptions use: paragraphs, lists of one level, `code` and *emphasis*. */
export function textBlocks(markdown = ''): TextBlock[] {
  return markdown
    .split(/\n{2,}/)
    .filter((block) => block !== '')
    .map((block) => {
      const list = block.startsWith('- ');
      const lines = list ? block.split(/\n?^- /m).filter((line) => line !== '') : [block];
      return { list, lines: lines.map(textParts) };
    });
}

export function textParts(line: string): TextPart[] {
  return line
    .split(/(`[^`]+`|\*[^*]+\*)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.startsWith('`') && part.length > 1) {
        return { text: part.slice(1, -1), code: true };
      }
      return part.startsWith('*') && part.length > 1 ? { text: part.slice(1, -1), strong: true } : { text: part };
    });
}

/** `listDeliveries` as a part of an address: `list-deliveries`. */
export function slug(name: string): string {
  return name
    .replace(/[a-z](?=[A-Z])/g, '$&-')
    .replaceAll(' ', '-')
    .toLowerCase();
}
