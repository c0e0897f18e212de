// Formatted text: Bot API message entities and rich text become elements. Nothing here ever parses markup.

import { h } from "./dom.js";
import { dateText, dateTimeText, words } from "./words.js";

const OPENABLE = /^(https?:|tg:|mailto:|tel:)/i;
const SHORT_LINK = /^[\w-]+(\.[\w-]+)+([/?#:]|$)/;

/** The address to open for what somebody wrote, or null where it must not become a link (`javascript:` and the like). */
export function safeAddress(written) {
  const address = String(written ?? "").trim();
  if (OPENABLE.test(address)) return address;
  if (SHORT_LINK.test(address)) return `https://${address}`;
  return null;
}

function link(address, context, children, title) {
  const safe = safeAddress(address);
  if (!safe) return h("span", {}, children);
  const click = (event) => {
    event.preventDefault();
    event.stopPropagation();
    context.openLink(safe);
  };
  const attributes = { href: safe, target: "_blank", rel: "noopener noreferrer", title: title ?? null, on: { click } };
  return h("a.link", attributes, children);
}

function saying(text, context, children) {
  const click = (event) => {
    event.stopPropagation();
    context.say(text);
  };
  return h("button.link.saying", { type: "button", on: { click } }, children);
}

function spoiler(context, children) {
  const element = h("span.spoiler", { role: "button", tabindex: "0", "aria-label": words(context.lang, "spoiler") });
  const inner = h("span.spoiler-inner", { "aria-hidden": "true" }, children);
  const reveal = (event) => {
    if (element.classList.contains("open") || (event.type === "keydown" && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    element.classList.add("open");
    for (const name of ["role", "tabindex", "aria-label"]) element.removeAttribute(name);
    inner.removeAttribute("aria-hidden");
  };
  // A link inside covered text must not be followed before the text can be read.
  element.addEventListener("click", reveal, true);
  element.addEventListener("keydown", reveal, true);
  element.append(inner);
  return element;
}

function code(context, children) {
  const element = h("code", { title: words(context.lang, "copy") }, children);
  element.addEventListener("click", (event) => {
    event.stopPropagation();
    context.copy(element.textContent);
  });
  return element;
}

function preformatted(context, children, language) {
  const body = h("code", {}, children);
  const copy = () => context.copy(body.textContent);
  const button = h("button.pre-copy", { type: "button", on: { click: copy } }, words(context.lang, "copy"));
  return h("pre", {}, h("span.pre-head", {}, h("span", {}, language ?? ""), button), body);
}

function quote(context, children, expandable) {
  const element = h("blockquote", {}, children);
  if (!expandable) return element;
  element.classList.add("expandable");
  const toggle = h("button.expand", { type: "button", "aria-expanded": "false" }, words(context.lang, "show_more"));
  toggle.addEventListener("click", () => {
    const open = element.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = words(context.lang, open ? "hide" : "show_more");
  });
  element.append(toggle);
  return element;
}

function moment(entity, context, children) {
  const { unix_time: unix, date_time_format: format = "" } = entity;
  const shown = dateTimeText(context.lang, unix, format, context.timeZone, context.now());
  const whole = dateText(context.lang, new Date(unix * 1000), context.timeZone, { dateStyle: "full", timeStyle: "long" });
  const element = h("time", { datetime: new Date(unix * 1000).toISOString(), title: whole }, shown || children);
  if (format === "r") Object.assign(element.dataset, { relative: unix, lang: context.lang });
  return element;
}

/** One entity as an element around its children (nodes, already safe). `raw` is the plain text it covers. */
function dress(entity, raw, context, children) {
  switch (entity.type) {
    case "bold": return h("strong", {}, children);
    case "italic": return h("em", {}, children);
    case "underline": return h("u", {}, children);
    case "strikethrough": return h("s", {}, children);
    case "spoiler": return spoiler(context, children);
    case "code": return code(context, children);
    case "pre": return preformatted(context, children, entity.language);
    case "blockquote": return quote(context, children, false);
    case "expandable_blockquote": return quote(context, children, true);
    case "text_link": return link(entity.url, context, children, entity.url);
    case "url": return link(raw, context, children);
    case "email": case "email_address": return link(`mailto:${raw}`, context, children);
    case "phone_number": return link(`tel:${raw.replace(/[^+\d]/g, "")}`, context, children);
    case "mention": return link(`https://t.me/${raw.replace(/^@/, "")}`, context, children);
    case "text_mention": return h("span.link", {}, children);
    case "hashtag": case "cashtag": return h("span.link", {}, children);
    case "bot_command": return saying(raw, context, children);
    case "date_time": return moment(entity, context, children);
    default: return h("span", {}, children);
  }
}

/** Text with Bot API entities (offsets in UTF-16 units, which is what JavaScript strings count) as nodes. */
export function formatted(text, entities, context) {
  const ordered = [...(entities ?? [])]
    .filter((entity) => entity.length > 0 && entity.offset < text.length)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  let next = 0;
  const walk = (from, to) => {
    const nodes = [];
    let at = from;
    while (next < ordered.length && ordered[next].offset < to) {
      const entity = ordered[next++];
      const start = Math.max(entity.offset, at);
      const end = Math.min(entity.offset + entity.length, to);
      if (end <= start) continue;
      if (start > at) nodes.push(text.slice(at, start));
      nodes.push(dress(entity, text.slice(start, end), context, walk(start, end)));
      at = end;
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  return trimmedAfterBlocks(walk(0, text.length));
}

// A quote and a code block are boxes of their own: the line break that follows them in the text would show as an empty line.
function trimmedAfterBlocks(nodes) {
  return nodes.map((node, index) => {
    const before = nodes[index - 1];
    const block = before instanceof Element && ["BLOCKQUOTE", "PRE"].includes(before.tagName);
    return block && typeof node === "string" ? node.replace(/^\n/, "") : node;
  });
}

/** Up to three emoji and nothing else are shown large. */
export function isLargeEmoji(text) {
  return text.length <= 24 && /^(?:(?:\p{RI}\p{RI}|\p{Extended_Pictographic}(?:\p{EMod}|\uFE0F|\u200D\p{Extended_Pictographic})*)\s?){1,3}$/u.test(text);
}

const PASSED_ON = new Set(["bold", "italic", "underline", "strikethrough", "spoiler", "code", "text_link", "mention", "hashtag", "cashtag", "bot_command", "date_time", "text_mention"]);

/** RichText (Bot API: a string, a list, or an object with a type) as nodes. */
export function richText(value, context) {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap((part) => richText(part, context));
  const inside = richText(value.text, context);
  const raw = plain(value.text);
  switch (value.type) {
    case "url": return [link(value.url, context, inside, value.url)];
    case "email_address": return [link(`mailto:${value.email_address}`, context, inside)];
    case "phone_number": return [link(`tel:${value.phone_number}`, context, inside)];
    case "subscript": return [h("sub", {}, inside)];
    case "superscript": return [h("sup", {}, inside)];
    case "marked": return [h("mark", {}, inside)];
    case "mathematical_expression": return [h("code.math", {}, value.expression)];
    case "custom_emoji": return [value.alternative_text ?? ""];
    case "button": return [context.richButton(value.button)];
    case "anchor": return [h("span", { data: { anchor: value.name } })];
    case "reference": return [h("span", { data: { anchor: value.name } }, inside)];
    case "anchor_link": return [jump(value.anchor_name, inside)];
    case "reference_link": return [jump(value.reference_name, inside)];
    default: return [PASSED_ON.has(value.type) ? dress(value, raw, context, inside) : h("span", {}, inside)];
  }
}

function jump(name, children) {
  const click = (event) => {
    const places = event.currentTarget.closest(".rich")?.querySelectorAll("[data-anchor]") ?? [];
    [...places].find((place) => place.dataset.anchor === name)?.scrollIntoView({ block: "center", behavior: "smooth" });
  };
  return h("button.link.saying", { type: "button", on: { click } }, children);
}

/** The letters of a RichText, without its looks. */
export function plain(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(plain).join("");
  return plain(value.text ?? value.alternative_text ?? value.expression ?? value.button?.text);
}
