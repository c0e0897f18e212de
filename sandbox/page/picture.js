// Pictures and files inside messages, and the viewer that opens over a chat.

import { fileSize, h, icon, iconButton } from "./dom.js";
import { words } from "./words.js";

const WIDEST = 400;
const TALLEST = 420;
const NARROWEST = 180;

/** Where the server keeps a stored picture or file. */
export function mediaOf(message) {
  if (message.media?.url) return message.media;
  const largest = message.photo?.at(-1);
  return largest ? { url: address(largest), width: largest.width, height: largest.height } : null;
}

/** The picture of an inline result, where this server has one; others are not loaded. */
export function thumbnailOf(result) {
  const written = result.media?.url ?? result.thumbnail_url ?? result.photo_url;
  return written ? localAddress(written) : null;
}

export const address = (file) => `/media/${encodeURIComponent(file.file_unique_id)}`;

/** Only addresses of this server are ever loaded. */
export function localAddress(written) {
  try {
    const url = new URL(written, location.href);
    return url.origin === location.origin ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

/**
 * A picture that can be exchanged without flicker: its element stays, the next picture is loaded and decoded first,
 * and its box has the right shape before anything is loaded.
 */
export class Picture {
  constructor(context, { cell = false } = {}) {
    this.context = context;
    this.cell = cell;
    this.image = h("img", { alt: "", decoding: "sync", draggable: "false" });
    this.image.addEventListener("load", () => this.element.classList.add("loaded"));
    const open = () => context.view(this.media, this.caption);
    this.element = h("button.picture", { type: "button", on: { click: open } }, this.image);
  }

  show(media, caption = "") {
    this.caption = caption;
    this.element.setAttribute("aria-label", words(this.context.lang, "view_photo"));
    this.image.alt = caption;
    if (this.media?.url === media.url) return;
    const first = !this.media;
    this.media = media;
    const url = localAddress(media.url);
    if (!url) return;
    if (first) {
      this.#shape(media);
      this.image.src = url;
      return;
    }
    const next = new Image();
    const swap = () => {
      if (this.media !== media) return;
      this.#shape(media);
      this.image.src = url;
    };
    next.src = url;
    next.decode().then(swap, swap);
  }

  #shape({ width, height }) {
    if (this.cell) return;
    const ratio = width && height ? Math.min(Math.max(width / height, 0.45), 3) : 4 / 3;
    const shown = Math.max(NARROWEST, Math.min(WIDEST, TALLEST * ratio, Math.max(width || WIDEST, 280)));
    this.element.style.setProperty("--width", `${Math.round(shown)}px`);
    this.element.style.setProperty("--ratio", String(ratio));
  }
}

const ALBUM_ROWS = { 2: [2], 3: [1, 2], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [3, 4], 8: [4, 4], 9: [3, 3, 3], 10: [3, 3, 4] };

/** Two to ten pictures as one grid; each cell keeps its picture element while the album changes. */
export class Album {
  constructor(context) {
    this.context = context;
    this.cells = [];
    this.element = h("div.album");
  }

  update(messages) {
    const pictures = messages.map((message) => [mediaOf(message), message.caption ?? ""]);
    pictures.forEach(([media, caption], index) => {
      const cell = (this.cells[index] ??= new Picture(this.context, { cell: true }));
      if (media) cell.show(media, caption);
    });
    this.cells.length = pictures.length;
    const rows = ALBUM_ROWS[pictures.length] ?? [pictures.length];
    if (this.rows === rows) return;
    this.rows = rows;
    let next = 0;
    this.element.replaceChildren(
      ...rows.map((count) => h("div.album-row", {}, this.cells.slice(next, (next += count)).map((cell) => cell.element))),
    );
  }
}

/** A file with its name and size, to be downloaded. */
export function fileCard(file, url, context) {
  const name = file.file_name || words(context.lang, "file");
  const kind = (name.includes(".") ? name.split(".").at(-1) : "").slice(0, 4);
  const safe = localAddress(url);
  const label = words(context.lang, "download", { name });
  return h(
    "a.file-card",
    { href: safe, download: name, "aria-label": label },
    h("span.file-badge", { "aria-hidden": "true" }, kind ? kind.toLowerCase() : icon("file")),
    h("span.file-words", {}, h("span.file-name", {}, name), h("span.file-size", {}, fileSize(file.file_size))),
  );
}

/** A film or a sound with the browser's own controls. */
export function player(kind, url, context) {
  const safe = localAddress(url);
  const name = words(context.lang, kind === "audio" ? "audio" : "video");
  return safe ? h(kind, { src: safe, controls: true, preload: "metadata", "aria-label": name }) : h("span", {}, name);
}

/** The picture alone, over everything; Escape or a press anywhere closes it. */
export function viewer(media, caption, lang) {
  const url = media && localAddress(media.url);
  if (!url) return;
  const close = iconButton("close", words(lang, "close"), () => dialog.close(), ".viewer-close");
  const words_ = caption ? h("figcaption", {}, caption) : null;
  const dialog = h(
    "dialog.viewer",
    { "aria-label": words(lang, "photo") },
    close,
    h("figure", {}, h("img", { src: url, alt: caption || words(lang, "photo") }), words_),
  );
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
