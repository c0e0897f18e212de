// Rich messages: the blocks of Bot API's RichMessage as elements.

import { h, icon, iconButton } from "./dom.js";
import { ButtonView } from "./keyboard.js";
import { Picture, address, fileCard, player } from "./picture.js";
import { richText } from "./text.js";
import { words } from "./words.js";

/**
 * Draw a rich message. `pool` keeps pictures by their address from one drawing to the next, so that an edit does not load or
 * blink what stays the same; `slides` remembers which slide of which slideshow was open.
 */
export function richMessage(message, context, press, kept) {
  const maker = new Maker(message, context, press, kept);
  const element = h("div.rich", { dir: message.is_rtl ? "rtl" : null }, maker.blocks(message.blocks, ["blocks"]));
  kept.pictures = maker.used;
  return element;
}

/** What survives an edit of a rich message. */
export const keeper = () => ({ pictures: new Map(), slides: new Map(), buttons: new Map() });

class Maker {
  constructor(message, context, press, kept) {
    this.press = press;
    this.kept = kept;
    this.used = new Map();
    const richButton = (button) => this.button(button, findPath(message.blocks, button, ["blocks"]));
    this.context = Object.assign(Object.create(context), { richButton });
  }

  blocks(blocks, path) {
    return (blocks ?? []).map((block, index) => this.block(block, [...path, index]));
  }

  text(value) {
    return richText(value, this.context);
  }

  block(block, path) {
    const draw = this[`draw_${block.type}`];
    return draw ? draw.call(this, block, path) : h("p", {}, this.text(block.text));
  }

  draw_paragraph(block) {
    return h("p", {}, this.text(block.text));
  }

  draw_heading(block) {
    const level = Math.min(Math.max(block.size ?? 1, 1), 6);
    return h(`h${level}`, {}, this.text(block.text));
  }

  draw_pre(block) {
    return h("pre", {}, block.language ? h("span.pre-head", {}, block.language) : null, h("code", {}, this.text(block.text)));
  }

  draw_footer(block) {
    return h("p.rich-footer", {}, this.text(block.text));
  }

  draw_thinking(block) {
    return h("p.rich-thinking", {}, this.text(block.text));
  }

  draw_divider() {
    return h("hr");
  }

  draw_anchor(block) {
    return h("span", { data: { anchor: block.name } });
  }

  draw_mathematical_expression(block) {
    return h("p.math", {}, block.expression);
  }

  draw_list(block, path) {
    const ordered = block.items.some((item) => item.value !== undefined && item.value !== null);
    const items = block.items.map((item, index) => {
      const box = item.has_checkbox ? h("span.check", { role: "img", "aria-label": item.is_checked ? "✓" : "☐" }, item.is_checked ? icon("check") : "") : null;
      const label = box ?? h("span.list-label", {}, item.label || "•");
      return h("li", {}, label, h("div", {}, this.blocks(item.blocks, [...path, "items", index, "blocks"])));
    });
    return h(ordered ? "ol.rich-list" : "ul.rich-list", {}, items);
  }

  draw_blockquote(block, path) {
    return h("blockquote", {}, this.blocks(block.blocks, [...path, "blocks"]), this.credit(block.credit));
  }

  draw_expandable_blockquote(block) {
    return h("blockquote", {}, h("p", {}, this.text(block.text)), this.credit(block.credit));
  }

  draw_pullquote(block) {
    return h("blockquote.pull", {}, h("p", {}, this.text(block.text)), this.credit(block.credit));
  }

  credit(value) {
    return value ? h("cite", {}, this.text(value)) : null;
  }

  draw_details(block, path) {
    const summary = h("summary", {}, this.text(block.summary));
    return h("details", { open: Boolean(block.is_open) }, summary, this.blocks(block.blocks, [...path, "blocks"]));
  }

  draw_table(block) {
    const row = (cells) => h("tr", {}, cells.map((cell) => this.cell(cell)));
    const classes = [".rich-table", block.is_bordered && ".bordered", block.is_striped && ".striped", block.is_compact && ".compact"];
    const caption = block.caption ? h("caption", {}, this.text(block.caption)) : null;
    const table = h(`table${classes.filter(Boolean).join("")}`, {}, caption, h("tbody", {}, block.cells.map(row)));
    return h("div.table-scroll", { tabindex: "0", role: "group" }, table);
  }

  cell(cell) {
    const attributes = { colspan: cell.colspan > 1 ? String(cell.colspan) : null, rowspan: cell.rowspan > 1 ? String(cell.rowspan) : null };
    const element = h(cell.is_header ? "th" : "td", attributes, this.text(cell.text));
    if (["left", "center", "right"].includes(cell.align)) element.style.textAlign = cell.align;
    if (["top", "middle", "bottom"].includes(cell.valign)) element.style.verticalAlign = cell.valign;
    return element;
  }

  draw_buttons(block, path) {
    const buttons = block.buttons.map((button, index) => this.button(button, [...path, "buttons", index]));
    return h("div.rich-buttons", { role: "group", data: { align: block.align ?? "fill" } }, buttons);
  }

  button(button, path) {
    const key = path.join("/");
    let view = this.kept.buttons.get(key);
    if (!view) this.kept.buttons.set(key, (view = new ButtonView(this.context, { path }, this.press)));
    view.update(button);
    return view.element;
  }

  draw_photo(block) {
    const largest = block.photo?.at(-1);
    if (!largest) return h("p");
    const url = block.media?.url ?? address(largest);
    let picture = this.kept.pictures.get(url);
    if (!picture || this.used.has(url)) picture = new Picture(this.context);
    this.used.set(url, picture);
    picture.show({ url, width: largest.width, height: largest.height });
    return this.captioned(picture.element, block.caption);
  }

  draw_video(block) {
    return this.captioned(player("video", address(block.video), this.context), block.caption);
  }

  draw_animation(block) {
    return this.captioned(player("video", address(block.animation), this.context), block.caption);
  }

  draw_audio(block) {
    return this.captioned(player("audio", address(block.audio), this.context), block.caption);
  }

  draw_voice_note(block) {
    return this.captioned(player("audio", address(block.voice_note), this.context), block.caption);
  }

  draw_document(block) {
    return this.captioned(fileCard(block.document, address(block.document), this.context), block.caption);
  }

  draw_map(block) {
    const { latitude, longitude } = block.location;
    return this.captioned(h("div.map", {}, `📍 ${latitude.toFixed(4)}, ${longitude.toFixed(4)}`), block.caption);
  }

  draw_collage(block, path) {
    return this.captioned(h("div.collage", {}, this.blocks(block.blocks, [...path, "blocks"])), block.caption);
  }

  draw_slideshow(block, path) {
    const key = path.join("/");
    const slides = this.blocks(block.blocks, [...path, "blocks"]);
    const { lang } = this.context;
    const track = h("div.slides", {}, slides.map((slide) => h("div.slide", {}, slide)));
    const dots = h("div.slide-dots", { "aria-hidden": "true" }, slides.map(() => h("span")));
    const place = h("span.visually-hidden", { "aria-live": "polite" });
    const show = (wanted) => {
      const at = (wanted + slides.length) % slides.length;
      this.kept.slides.set(key, at);
      [...track.children].forEach((slide, index) => (slide.hidden = index !== at));
      [...dots.children].forEach((dot, index) => dot.classList.toggle("on", index === at));
      place.textContent = words(lang, "slide", { n: at + 1, of: slides.length });
    };
    const step = (by) => () => show((this.kept.slides.get(key) ?? 0) + by);
    if (slides.length) show(Math.min(this.kept.slides.get(key) ?? 0, slides.length - 1));
    const back = iconButton("back", words(lang, "previous"), step(-1), ".slide-step.before");
    const next = iconButton("next", words(lang, "next"), step(1), ".slide-step.after");
    const several = slides.length > 1 ? [back, next, dots, place] : [];
    return this.captioned(h("div.slideshow", { role: "group" }, track, several), block.caption);
  }

  captioned(element, caption) {
    if (!caption) return element;
    return h("figure", {}, element, h("figcaption", {}, this.text(caption.text), this.credit(caption.credit)));
  }
}

// Where a button that stands in running text is, for the server to find it again.
function findPath(value, wanted, path) {
  if (value === wanted) return path;
  if (value === null || typeof value !== "object") return null;
  for (const [key, part] of Object.entries(value)) {
    const found = findPath(part, wanted, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found) return found;
  }
  return null;
}
