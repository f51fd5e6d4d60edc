const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Where characters that were escaped stand until the markup is done: a private use area of Unicode. */
const ESCAPED = 0xe000;

/** The markdown that Teams understands, and its mentions, as HTML; anything else, and what is escaped, is text. */
export function markdown(text) {
  const lines = text
    // Written by somebody, these would come out as markup of their own.
    .replace(/[\ue000-\ue07f]/g, "")
    .replace(/\\([\\`*_~[\]()#-])/g, (_, character) => String.fromCharCode(ESCAPED + character.charCodeAt(0)))
    .replace(/[&<>"']/g, (character) => ENTITIES[character])
    .split(/\r?\n/)
    .map(inline);
  return lists(lines)
    .join("")
    .replace(/[\ue000-\ue07f]/g, (character) => String.fromCharCode(character.charCodeAt(0) - ESCAPED));
}

function inline(line) {
  return line
    .replace(/&lt;at&gt;(.*?)&lt;\/at&gt;/g, '<strong class="mention">$1</strong>')
    .replace(/\[([^\]]+)\]\((https?:[^\s)]+)\)/g, '<a href="$2" target="_blank" rel="noopener noreferrer">$1</a>')
    .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
    .replace(/(^|[^\w*])[*_]([^*_]+)[*_](?!\w)/g, "$1<em>$2</em>");
}

/** Lines that begin with a dash are items; all others paragraphs. */
function lists(lines) {
  const blocks = [];
  for (const line of lines) {
    const item = /^\s*[-*]\s+(.*)$/.exec(line)?.[1];
    const previous = blocks.at(-1);
    if (item === undefined) blocks.push(line === "" ? "" : `<p>${line}</p>`);
    else if (previous?.endsWith("</ul>")) blocks[blocks.length - 1] = `${previous.slice(0, -5)}<li>${item}</li></ul>`;
    else blocks.push(`<ul><li>${item}</li></ul>`);
  }
  return blocks;
}
