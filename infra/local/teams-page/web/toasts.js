const SHOWN_MS = 8000;

/** Tells something in passing; `kind` is `toast` or `error`. */
export function toast(text, kind = "toast") {
  const note = document.createElement("p");
  note.className = kind;
  note.textContent = text;
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}
