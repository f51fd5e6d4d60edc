import { api } from "./api.js";
import { drawMail, drawMessage, element, timeText, update } from "./messages.js";
import { toast } from "./toasts.js";

const POLL_MS = 2000;
const VIEWS = ["channel", "chat", "mail"];
const byId = (id) => document.getElementById(id);
const personChoice = byId("person");
const pace = byId("pace").querySelector("input");

/** Who looks at the page: an object id, at first perhaps a role from the address. */
let me = new URLSearchParams(location.search).get("as") ?? sessionStorage.getItem("as") ?? "";
let state;
/** Per view, how many items have been seen. */
const seen = { channel: 0, chat: 0, mail: 0 };
/** Cards whose refresh is under way. */
const refreshing = new Set();
/** Messages whose button was pressed and not yet answered. */
const pressed = new Set();
/** A button of a message is held down: drawn anew before it is let go, it would not have been pressed. */
let isHeld = false;

const viewNow = () => VIEWS.find((view) => location.hash === `#${view}`) ?? "channel";
const itemsOf = { channel: () => state.channel, chat: () => state.chat, mail: () => state.mails.toReversed() };

async function look() {
  try {
    const asked = me;
    const fresh = await api.state(asked);
    // Somebody else may look by now.
    if (asked !== me) return;
    state = fresh;
    me = state.me;
    if (!isHeld) draw();
    refreshCards();
  } catch (error) {
    if (error.status === 404 && me !== "" && me === sessionStorage.getItem("as")) {
      // Chosen in a tenant that is gone.
      sessionStorage.removeItem("as");
      me = "";
      await look();
      return;
    }
    byId("now").textContent = `The local system does not answer (${error.message}).`;
  }
}

function draw() {
  byId("now").textContent = timeText(state.now);
  byId("pace").hidden = state.pace === null;
  pace.checked = state.pace === "slow";
  if (personChoice.children.length === 0) {
    personChoice.append(...state.people.map(({ oid, name, role }) => new Option(`${name} (${role})`, oid)));
  }
  personChoice.value = me;
  const now = viewNow();
  for (const view of VIEWS) {
    const items = itemsOf[view]();
    const section = byId(view);
    section.hidden = view !== now;
    const list = section.querySelector(".messages");
    const atEnd = innerHeight + scrollY >= document.body.scrollHeight - 40;
    const grew = list.children.length < items.length;
    update(list, items, versionOf, view === "mail" ? drawMail : (item) => drawMessage(item, me, state.console, press));
    section.querySelector(".empty").hidden = items.length > 0;
    if (view === now) seen[view] = items.length;
    if (view === now && view !== "mail" && grew && atEnd) list.lastElementChild?.scrollIntoView({ block: "end" });
    drawLink(view, view === now, items.length - seen[view]);
  }
}

/** Another person has other views of the same message. */
const versionOf = (item) => `${me} ${item.edition ?? 1} ${JSON.stringify(item.card ?? null)}`;

function drawLink(view, isCurrent, unseen) {
  const link = document.querySelector(`nav a[data-view="${view}"]`);
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  const count = link.querySelector(".count");
  count.hidden = unseen <= 0;
  count.textContent = unseen > 0 ? `${unseen} new` : "";
}

/** A client asks by itself for the cards that somebody who looks is named for (graph.md §4.6). */
function refreshCards() {
  if (document.hidden || state === undefined) return;
  const view = viewNow();
  if (view === "mail") return;
  for (const { id, edition, refresh } of itemsOf[view]()) {
    const key = `${me} ${id} ${edition}`;
    if (refresh === null || refreshing.has(key)) continue;
    refreshing.add(key);
    const { verb = "", title = "", data = {} } = refresh;
    api.act({ as: me, messageId: id, verb, title, data, trigger: "automatic" }).then(
      (result) => result.kind === "card" && look(),
      () => refreshing.delete(key),
    );
  }
}

async function press(message, action) {
  const key = `${me} ${message.id}`;
  if (pressed.has(key)) return;
  pressed.add(key);
  // It may be drawn anew before the answer comes.
  const node = () => document.querySelector(`[data-id="${message.id}"]`);
  node()?.setAttribute("aria-busy", "true");
  node()?.querySelector(".failure")?.remove();
  try {
    const result = await api.act({ as: me, messageId: message.id, ...action, trigger: "manual" });
    if (result.kind === "toast") toast(result.text);
    if (result.kind === "error") fail(node(), result.text);
  } catch (error) {
    fail(node(), error.message);
  } finally {
    pressed.delete(key);
    node()?.removeAttribute("aria-busy");
  }
  await look();
}

function fail(node, text) {
  toast(text, "error");
  const note = element("p", "failure", text);
  note.setAttribute("role", "alert");
  node?.querySelector(".body")?.append(note);
}

personChoice.addEventListener("change", () => {
  me = personChoice.value;
  sessionStorage.setItem("as", me);
  // What stands here is what another person sees: nobody may type into it, or press it, under this name.
  state = undefined;
  for (const list of document.querySelectorAll(".messages")) list.replaceChildren();
  look();
});
pace.addEventListener("change", () =>
  api.pace(pace.checked ? "slow" : "full").catch((error) => toast(error.message, "error")),
);
byId("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  const text = field.value;
  field.value = "";
  const { error } = await api.write(me, text).catch((failure) => ({ error: failure.message }));
  if (error !== null) toast(error, "error");
  await look();
});
addEventListener("pointerdown", ({ target }) => {
  isHeld = target.closest(".message button") !== null;
});
for (const end of ["pointerup", "pointercancel"]) {
  addEventListener(end, () => {
    if (!isHeld) return;
    isHeld = false;
    // The click comes first.
    setTimeout(() => state !== undefined && draw());
  });
}
addEventListener("hashchange", () => {
  if (state !== undefined) draw();
  document.querySelector("main").focus();
  refreshCards();
});
await look();
setInterval(look, POLL_MS);
