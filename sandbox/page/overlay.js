// What lies over a chat for a moment: toasts, alerts, pickers, small menus and forms.

import { h } from "./dom.js";
import { words } from "./words.js";

const TOAST_MS = 3500;

/** A short notice in a pane that goes away by itself; screen readers hear it. */
export function toast(pane, text) {
  const note = h("div.toast", { role: "status" }, text);
  const holder = pane.querySelector(":scope > .toasts") ?? pane.appendChild(h("div.toasts", { "aria-live": "polite" }));
  holder.append(note);
  while (holder.children.length > 3) holder.firstChild.remove();
  const gone = () => note.remove();
  setTimeout(() => {
    note.classList.add("going");
    setTimeout(gone, 300);
  }, TOAST_MS + text.length * 25);
}

/**
 * A dialog over one pane only: the other panes are other people's devices and stay usable.
 * `fill(close)` returns its content. The promise gives what `close` was called with; Escape and a press beside it give `undefined`.
 */
export function dialogIn(pane, { label, role = "dialog", content, wide = false }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const close = (value) => {
      veil.remove();
      if (!pane.querySelector(":scope > .veil")) for (const part of pane.children) part.inert = false;
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(value);
    };
    const box = h(`div.box${wide ? ".wide" : ""}`, { role, "aria-modal": "true", "aria-label": label, tabindex: "-1" });
    box.append(...[content(close)].flat().filter(Boolean));
    const veil = h("div.veil", {}, box);
    veil.addEventListener("pointerdown", (event) => event.target === veil && close());
    veil.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        close();
      } else if (event.key === "Tab") keepInside(box, event);
    });
    for (const part of pane.children) if (!part.classList.contains("toasts")) part.inert = true;
    pane.append(veil);
    (box.querySelector("[autofocus], input, textarea, select, .box-actions button:last-child, button") ?? box).focus();
  });
}

function keepInside(box, event) {
  const stops = [...box.querySelectorAll("button, input, select, textarea, a[href]")].filter((stop) => !stop.disabled);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

/** The modal notice of a callback answer with show_alert. */
export function alertIn(pane, text, title, lang) {
  const content = (close) => [
    title ? h("h2", {}, title) : null,
    h("p.box-text", {}, text),
    h("div.box-actions", {}, h("button.box-button", { type: "button", on: { click: () => close() } }, words(lang, "ok"))),
  ];
  return dialogIn(pane, { label: text, role: "alertdialog", content });
}

/** A question with yes and no; gives true or false. */
export async function confirmIn(pane, text, detail, yes, lang, danger = false) {
  const content = (close) => [
    h("h2", {}, text),
    detail ? h("p.box-text", {}, detail) : null,
    h(
      "div.box-actions",
      {},
      h("button.box-button", { type: "button", on: { click: () => close(false) } }, words(lang, "cancel")),
      h(`button.box-button${danger ? ".danger" : ""}`, { type: "button", on: { click: () => close(true) } }, yes),
    ),
  ];
  return Boolean(await dialogIn(pane, { label: text, role: "alertdialog", content }));
}

/**
 * Choose from a list: `items` are `{label, note, face, value}`. With `pick`, choosing runs it and marks the item done, and the
 * list stays open for more.
 */
export function pickIn(pane, title, items, lang, pick) {
  const content = (close) => {
    const rows = items.map((item) => {
      const done = h("span.pick-done");
      const click = async () => {
        if (!pick) return close(item.value);
        await pick(item.value);
        done.textContent = `✓ ${words(lang, "sent")}`;
        row.disabled = true;
        row.parentElement.nextElementSibling?.querySelector("button")?.focus();
        return undefined;
      };
      const label = h("span.pick-words", {}, h("span.pick-label", {}, item.label), item.note ? h("span.pick-note", {}, item.note) : null);
      const row = h("button.pick-row", { type: "button", on: { click } }, item.face, label, done);
      return h("li", {}, row);
    });
    const list = rows.length ? h("ul.pick-list", {}, rows) : h("p.box-text", {}, words(lang, "no_chats"));
    const shut = h("button.box-button", { type: "button", on: { click: () => close() } }, words(lang, pick ? "close" : "cancel"));
    return [h("h2", {}, title), list, h("div.box-actions", {}, shut)];
  };
  return dialogIn(pane, { label: title, content });
}

/** A form in a dialog; `fields` are elements with a `name`. Gives the form's values, or undefined. */
export function formIn(pane, title, fields, submitLabel, lang) {
  const content = (close) => {
    const submit = (event) => {
      event.preventDefault();
      const data = new FormData(form);
      const values = Object.fromEntries([...new Set(data.keys())].map((key) => [key, data.getAll(key)]));
      close(values);
    };
    const cancel = h("button.box-button", { type: "button", on: { click: () => close() } }, words(lang, "cancel"));
    const go = h("button.box-button.strong", { type: "submit" }, submitLabel);
    const form = h("form.box-form", { on: { submit } }, h("h2", {}, title), fields, h("div.box-actions", {}, cancel, go));
    return form;
  };
  return dialogIn(pane, { label: title, content });
}

/** A label over its field. */
export function field(label, input) {
  return h("label.field", {}, h("span", {}, label), input);
}

/**
 * A small menu at a control (or at the pointer). Items: `{label, face, note, danger, checked, run}`, `{faces: [...]}` for a row
 * of emoji, or `null` for a line.
 * Arrows move, Enter chooses, Escape gives the focus back.
 */
export function menuAt(anchor, items, label, point) {
  document.querySelector(".menu-veil")?.remove();
  const before = document.activeElement;
  const close = (refocus) => {
    veil.remove();
    anchor.setAttribute?.("aria-expanded", "false");
    if (refocus && before?.isConnected) before.focus({ preventScroll: true });
  };
  const rows = items.map((item) => {
    if (!item) return h("hr.menu-line");
    if (item.faces) return faceRow(item, close);
    const role = item.checked === undefined ? "menuitem" : "menuitemradio";
    const click = () => {
      close(true);
      item.run();
    };
    const attributes = { type: "button", role, "aria-checked": item.checked === undefined ? null : String(item.checked), tabindex: "-1", on: { click } };
    return h(`button.menu-row${item.danger ? ".danger" : ""}`, attributes, h("span.menu-face", { "aria-hidden": "true" }, item.face ?? (item.checked ? "✓" : "")), h("span.menu-label", {}, item.label), item.note ? h("span.menu-note", {}, item.note) : null);
  });
  const menu = h("div.menu", { role: "menu", "aria-label": label }, rows);
  const veil = h("div.menu-veil", {}, menu);
  veil.addEventListener("pointerdown", (event) => event.target === veil && close(true));
  veil.addEventListener("contextmenu", (event) => event.preventDefault());
  veil.addEventListener("keydown", (event) => {
    const stops = [...menu.querySelectorAll("button")];
    const at = stops.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (to !== undefined) stops.at(to % stops.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(veil);
  anchor.setAttribute?.("aria-expanded", "true");
  place(menu, anchor, point);
  (menu.querySelector(".menu-row") ?? menu.querySelector("button"))?.focus({ preventScroll: true });
}

function faceRow(item, close) {
  const button = ({ face, label, checked, run }) => {
    const click = () => {
      close(true);
      run();
    };
    const attributes = { type: "button", role: "menuitemcheckbox", "aria-checked": String(checked), "aria-label": label, tabindex: "-1", on: { click } };
    return h("button.menu-emoji", attributes, face);
  };
  return h("div.menu-faces", { role: "none" }, item.faces.map(button));
}

function place(menu, anchor, point) {
  const from = point ? { left: point.x, right: point.x, top: point.y, bottom: point.y } : anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.max(8, Math.min(from.left, innerWidth - width - 8));
  const below = from.bottom + 4;
  const top = below + height <= innerHeight - 8 ? below : Math.max(8, from.top - height - 4);
  menu.style.setProperty("left", `${left}px`);
  menu.style.setProperty("top", `${top}px`);
}
