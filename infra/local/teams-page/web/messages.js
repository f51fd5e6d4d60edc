import { renderCard } from "./cards.js";
import { markdown } from "./markdown.js";

const SENDERS = { bot: "R", workflow: "W", person: "" };

export function element(name, className, text) {
  const node = document.createElement(name);
  if (className !== undefined) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** `2024-06-14T17:00:00Z` as people read it. */
export function timeText(iso) {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * Brings a list up to date: what has not changed stays as it is, with what somebody typed into it. `items` have an id;
 * `versionOf` tells when one has to be drawn again.
 */
export function update(list, items, versionOf, draw) {
  const ids = new Set(items.map(({ id }) => id));
  // What goes goes first: a node that is moved up into its place loses the keyboard.
  for (const node of [...list.children]) if (!ids.has(node.dataset.id)) node.remove();
  const known = new Map([...list.children].map((node) => [node.dataset.id, node]));
  items.forEach((item, at) => {
    const version = versionOf(item);
    let node = known.get(item.id);
    if (node?.dataset.version !== version) {
      const goOn = keyboardIn(node);
      const fresh = draw(item);
      fresh.dataset.id = item.id;
      fresh.dataset.version = version;
      node?.replaceWith(fresh);
      goOn(fresh);
      node = fresh;
    }
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
}

/**
 * Remembers where in a message the keyboard is. The answer puts it there in the message that takes its place: into the
 * same field, with what is selected in it, or on the button of the same name; else on the message itself.
 */
function keyboardIn(node) {
  const at = document.activeElement;
  if (node?.contains(at) !== true) return () => {};
  const isAlike = (other) =>
    other.tagName === at.tagName && (at.tagName !== "BUTTON" || other.textContent === at.textContent);
  const alike = (message) => [...message.querySelectorAll("input, textarea, select, button, a")].filter(isAlike);
  const place = alike(node).indexOf(at);
  const { selectionStart, selectionEnd } = at;
  return (fresh) => {
    const found = alike(fresh)[place] ?? fresh;
    found.focus();
    if (typeof selectionStart === "number") found.setSelectionRange?.(selectionStart, selectionEnd);
  };
}

/** A message with its card, for the person `me`; `onExecute(message, action)` is told of pressed buttons. */
export function drawMessage(message, me, consoleLink, onExecute) {
  const node = element("article", `message ${message.from.kind}${message.id === message.threadId ? "" : " reply"}`);
  node.tabIndex = -1;
  node.setAttribute("aria-label", `${message.from.name}, ${timeText(message.at)}`);
  const avatar = element("span", "avatar", SENDERS[message.from.kind] || message.from.name.slice(0, 1));
  avatar.setAttribute("aria-hidden", "true");
  const head = element("p", "head");
  head.append(element("strong", undefined, message.from.name), element("time", "muted", timeText(message.at)));
  if (message.edition > 1 && !message.isDeleted) head.append(element("span", "muted", "Edited"));
  const body = element("div", "body");
  body.append(head);
  if (message.isDeleted) body.append(element("p", "muted", "This message has been deleted."));
  if (message.text !== "") {
    const text = element("div", "text");
    text.innerHTML = markdown(message.text);
    body.append(text);
  }
  if (message.card !== null) {
    const card = element("div", "card");
    card.append(renderCard(message.card, `${me} ${message.id}`, consoleLink, (action) => onExecute(message, action)));
    body.append(card);
  }
  node.append(avatar, body);
  return node;
}

/** A mail; its HTML is shown as text, for nothing in it may run or load here. */
export function drawMail(mail) {
  const node = element("article", "mail");
  const details = element("details");
  const summary = element("summary");
  summary.append(element("strong", undefined, mail.subject), element("time", "muted", timeText(mail.at)));
  const lines = [`From ${mail.from}`, `To ${mail.to.join(", ")}`];
  if (mail.cc.length > 0) lines.push(`Cc ${mail.cc.join(", ")}`);
  details.append(summary, element("p", "muted", lines.join(" · ")));
  details.append(element("div", "text", mail.contentType === "html" ? textOf(mail.content) : mail.content));
  node.append(details);
  return node;
}

function textOf(html) {
  const parsed = new DOMParser().parseFromString(
    html.replace(/<\/(p|h\d|li|tr|div)>|<br\s*\/?>/gi, "$&\n"),
    "text/html",
  );
  return parsed.body.textContent
    .replace(/[ \t]+/g, " ")
    .replace(/\s*\n\s*/g, "\n")
    .trim();
}
