// Building blocks of the page: elements from data, icons, small formatting helpers.
// Everything that a bot or a person wrote goes through `h` or `textContent`, so it can only ever become text.

const SVG = "http://www.w3.org/2000/svg";

/** Create an element: `h("button.round", {type: "button", on: {click}}, "text", child, [more])`. */
export function h(spec, attributes, ...children) {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "vars") for (const [key, to] of Object.entries(value)) element.style.setProperty(`--${key}`, to);
    else if (name === "value" || name === "checked" || name === "htmlFor") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child);
  }
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

const ICONS = {
  add: "M12 5v14M5 12h14",
  attach: "M20 11.5 12 19.4a5 5 0 0 1-7.1-7.1l8.3-8.2a3.4 3.4 0 0 1 4.8 4.8l-8.2 8.1a1.7 1.7 0 0 1-2.4-2.4l7.5-7.4",
  back: "M15 5l-7 7 7 7",
  block: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2.5 12.5l4.2 4.2L15 8M12 15.6l1.2 1.1L21.5 8",
  chevron: "M6 9.5l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM15 6V4H5v12h2",
  down: "M12 5v13M6 12.5l6 6 6-6",
  file: "M7 3.5h7l4 4v13H7zM14 3.5v4h4",
  flask: "M10 3.5v6L4.8 18.3a1.5 1.5 0 0 0 1.3 2.2h11.8a1.5 1.5 0 0 0 1.3-2.2L14 9.5v-6M8.5 3.5h7M7.5 15h9",
  forward: "M13 6l6 6-6 6M19 12H5",
  globe: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c5 5.5 5 11.5 0 17c-5-5.5-5-11.5 0-17",
  grid: "M5 6.5h14M5 12h14M5 17.5h14",
  keyboard: "M3.5 6.5h17v11h-17zM7 10h.1M10.3 10h.1M13.7 10h.1M17 10h.1M8 14h8",
  link: "M8 16L17 7M9.5 7H17v7.5",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  more: "M12 5.5v.1M12 12v.1M12 18.5v.1",
  next: "M9 5l7 7-7 7",
  panes: "M4 5h16v14H4zM12 5v14",
  photo: "M4 5.5h16v13H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5v.1",
  reply: "M10 6l-6 6 6 6M4 12h10a6 6 0 0 1 6 6",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13",
};
const SEND = "M3.4 20.4 21 12.9a1 1 0 0 0 0-1.8L3.4 3.6a.9.9 0 0 0-1.2 1.1L4.6 11l9.4 1-9.4 1-2.4 6.3a.9.9 0 0 0 1.2 1.1z";

/** A decorative icon; the control around it carries the name for screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", name === "send" ? SEND : ICONS[name]);
  if (name === "send") path.setAttribute("class", "filled");
  svg.append(path);
  return svg;
}

/** A round button that shows only an icon and says `label`. */
export function iconButton(name, label, click, extra = "") {
  const on = { click };
  return h(`button.icon-button${extra}`, { type: "button", "aria-label": label, title: label, on }, icon(name));
}

/** The coloured circle with initials that stands for a person, bot or group. */
export function avatar(name, hue, size = "") {
  return h(`span.avatar${size}`, { "aria-hidden": "true", vars: { hue: String(hue) } }, initials(name));
}

/** Two letters at most; one sign for Chinese names and emoji. */
export function initials(name) {
  const words = [...(name ?? "").trim().split(/\s+/)].filter(Boolean);
  if (!words.length) return "?";
  const first = [...words[0]][0].toUpperCase();
  if (words.length < 2 || !/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(first)) return first;
  return first + [...words.at(-1)][0].toUpperCase();
}

/** A stable hue for what the server gives none. */
export function hueOf(text) {
  let sum = 7;
  for (const sign of String(text)) sum = (sum * 31 + sign.codePointAt(0)) % 3600;
  return sum % 360;
}

export function fullName(person) {
  return [person?.first_name, person?.last_name].filter(Boolean).join(" ") || person?.title || person?.username || "";
}

const FLAGS = { en: "🇬🇧", zh: "🇨🇳", ru: "🇷🇺", de: "🇩🇪", fr: "🇫🇷", es: "🇪🇸", ja: "🇯🇵", ko: "🇰🇷", pt: "🇵🇹", it: "🇮🇹", tr: "🇹🇷", uk: "🇺🇦", ar: "🇸🇦" };

export const LANGUAGES = [
  ["en", "English"], ["zh", "中文"], ["ru", "Русский"], ["de", "Deutsch"], ["fr", "Français"], ["es", "Español"], ["ja", "日本語"],
];

export function flag(languageCode) {
  return FLAGS[(languageCode ?? "").slice(0, 2).toLowerCase()] ?? "🏳️";
}

/** Bytes as people read them. */
export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Call `run` once, after `wait` milliseconds, however often it is asked for. */
export function coalesced(run, wait = 16) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    setTimeout(() => {
      asked = false;
      run();
    }, wait);
  };
}
