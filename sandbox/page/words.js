// The page's own words. A chat pane speaks its person's language, the frame around it the reader's.

const WORDS = {
  en: {
    add_fault: "Add rule", add_person: "Add a person", album: "Album",
    attach: "Attach a file", attach_file: "File", attach_photo: "Photo", audio: "Audio",
    block: "Block {bot}", blocked: "blocked", bot: "bot",
    bot_can: "What can this bot do?", calls: "Calls of the Bot API", cancel: "Cancel", caption: "Caption", channel: "channel",
    chat: "chat", chats_of: "Chats of {name}", choose_chat: "Choose a chat", clear_faults: "Remove all", close: "Close",
    clock: "Clock", commands: "Commands", contact: "Contact", copied: "Copied to the clipboard", copy: "Copy text", count: "Times",
    create: "Create", deactivate: "Delete the account", deactivated: "deleted account", deleted_note: "{name}'s account has been deleted.",
    disconnected: "Connecting…", down: "To the newest message", download: "Download {name}", edit: "Edit", edited: "edited", editing: "Edit the message",
    empty_chat: "No messages here yet", empty_people: "Nobody lives here yet. Add a person to begin.",
    experiment_choice: "For which good", experiments: "Experiments",
    fault_kind: "What goes wrong", faults: "Faults", file: "File", first_name: "First name", forward: "Forward", forwarded: "Forwarded from {name}",
    group: "group", group_name: "Group name", invoice: "Invoice", jump_day: "+1 day", jump_hour: "+1 h", lab: "Fault lab", language: "Language",
    last_name: "Last name", limits: "Apply Telegram's rate limits", location: "Location", log_empty: "No calls yet.", members: "{n} members", members_one: "{n} member", members_label: "Members",
    menu: "Menu", message: "Message", messages: "Messages", method: "Method", more: "More", new_group: "New group", new_message: "New message from {name}",
    next: "Next", no_faults: "Everything works.", no_results: "No results",
    ok: "OK", open: "Open", open_link: "Open this link?", page_language: "中文", pane: "Chat {n}", panes: "Chats side by side", pay: "Pay {amount}",
    people: "People", person: "Person", photo: "Photo", pick_person: "Choose whose chat is shown", poll: "Poll", previous: "Previous", probability: "Chance",
    react: "React with {emoji}", real_time: "Real time", remove: "Remove", reply: "Reply", reply_to: "Reply to {name}", reset: "Delete all chats", reset_ask: "Deletes every message and group of this local chat; its clock shows real time again. People stay, and so does what the bots have stored, such as votes. To start over completely, stop the program and delete its data folder.",
    restore: "Restore", retry_after: "Seconds", role: "Who is it?", who_opens: "Who opens the link?", search_inline: "Results of {bot}",
    send: "Send", send_to: "Send to…", sent: "Sent", sent_to: "Sent to {name}", settings_of: "Settings of {name}", show_keyboard: "Show the bot's keyboard",
    show_more: "Show more", slide: "Slide {n} of {of}", snapshot: "Save the chats", spoiler: "Hidden text, press to read", start: "Start", sticker: "Sticker",
    theme: "Light or dark", time_zone: "Time zone", title: "Local chat", today: "Today", typing: "typing", unblock: "Unblock {bot}", unblock_bot: "Unblock and restart",
    unread: "{n} unread", uploading: "sending a file", venue: "Place", via: "via @{bot}", video: "Video", view_photo: "View the photo", voice: "Voice message",
    world: "World", you: "You", yesterday: "Yesterday", yes_reset: "Delete", paid: "{name} paid {amount}",
    joined: "{name} joined the group", left: "{name} left the group", created: "Group created", pinned: "A message was pinned", renamed: "The group is now “{title}”",
    service: "The chat has changed", no_bot: "No bot yet. Start one with {url} as the address of its Bot API; any token like 123456:secret will do.", no_chats: "No chat yet", message_menu: "Message menu", back: "Back",
    copy_button: "copies", link_button: "opens a link", share_button: "chooses a chat", pay_button: "pays", disabled_button: "disabled",
    add: "Add", add_to_group: "Add {name}", remove_from_group: "Remove {name}", admin: "admin", not_running: "The local chat is not running. Start the program again, then retry.", hide: "Hide", offline_hint: "The bot is not running",
  },
  zh: {
    add_fault: "添加规则", add_person: "添加人物", album: "相册",
    attach: "添加附件", attach_file: "文件", attach_photo: "图片", audio: "音频",
    block: "拉黑 {bot}", blocked: "已拉黑", bot: "机器人",
    bot_can: "这个机器人能做什么？", calls: "Bot API 调用", cancel: "取消", caption: "说明文字", channel: "频道",
    chat: "聊天", chats_of: "{name} 的聊天", choose_chat: "选择聊天", clear_faults: "全部移除", close: "关闭",
    clock: "时钟", commands: "命令", contact: "联系人", copied: "已复制到剪贴板", copy: "复制文字", count: "次数",
    create: "创建", deactivate: "注销账号", deactivated: "已注销", deleted_note: "{name} 的账号已注销。",
    disconnected: "连接中…", down: "回到最新消息", download: "下载 {name}", edit: "编辑", edited: "已编辑", editing: "编辑消息",
    empty_chat: "还没有消息", empty_people: "这里还没有人。先添加一位吧。",
    experiment_choice: "为哪件宝贝", experiments: "实验",
    fault_kind: "故障类型", faults: "故障", file: "文件", first_name: "名字", forward: "转发", forwarded: "转发自 {name}",
    group: "群组", group_name: "群名称", invoice: "账单", jump_day: "+1 天", jump_hour: "+1 小时", lab: "故障实验室", language: "语言",
    last_name: "姓氏", limits: "启用 Telegram 频率限制", location: "位置", log_empty: "还没有调用。", members: "{n} 位成员", members_one: "{n} 位成员", members_label: "成员",
    menu: "菜单", message: "输入消息", messages: "消息", method: "方法", more: "更多", new_group: "新建群组", new_message: "来自 {name} 的新消息",
    next: "下一张", no_faults: "一切正常。", no_results: "没有结果",
    ok: "确定", open: "打开", open_link: "打开此链接？", page_language: "English", pane: "聊天 {n}", panes: "并排显示的聊天数", pay: "支付 {amount}",
    people: "人物", person: "人物", photo: "图片", pick_person: "选择显示谁的聊天", poll: "投票", previous: "上一张", probability: "概率",
    react: "用 {emoji} 回应", real_time: "现实时间", remove: "移除", reply: "回复", reply_to: "回复 {name}", reset: "清空所有聊天", reset_ask: "会删除本地聊天里的所有消息和群组，时钟回到现实时间。人物会保留，机器人自己保存的内容（比如投票）也会保留：要完全重新开始，请停止程序并删除它的 data 文件夹。",
    restore: "恢复", retry_after: "秒数", role: "TA 是谁？", who_opens: "谁来打开这个链接？", search_inline: "{bot} 的结果",
    send: "发送", send_to: "发送给…", sent: "已发送", sent_to: "已发送给 {name}", settings_of: "{name} 的设置", show_keyboard: "显示机器人键盘",
    show_more: "展开", slide: "第 {n} / {of} 张", snapshot: "保存聊天", spoiler: "隐藏的文字，点按查看", start: "开始", sticker: "贴纸",
    theme: "浅色或深色", time_zone: "时区", title: "本地聊天", today: "今天", typing: "正在输入", unblock: "取消拉黑 {bot}", unblock_bot: "取消拉黑并重新开始",
    unread: "{n} 条未读", uploading: "正在发送文件", venue: "地点", via: "通过 @{bot}", video: "视频", view_photo: "查看图片", voice: "语音消息",
    world: "世界", you: "你", yesterday: "昨天", yes_reset: "清空", paid: "{name} 支付了 {amount}",
    joined: "{name} 加入了群组", left: "{name} 离开了群组", created: "群组已创建", pinned: "置顶了一条消息", renamed: "群名改为“{title}”",
    service: "聊天中发生了变化", no_bot: "还没有机器人。把 {url} 作为 Bot API 地址来启动一个，令牌形如 123456:secret 即可。", no_chats: "还没有聊天", message_menu: "消息菜单", back: "返回",
    copy_button: "复制", link_button: "打开链接", share_button: "选择聊天", pay_button: "支付", disabled_button: "不可用",
    add: "添加", add_to_group: "添加 {name}", remove_from_group: "移除 {name}", admin: "管理员", not_running: "本地聊天没有运行。请重新启动程序，再试一次。", hide: "隐藏", offline_hint: "机器人未运行",
  },
};

/** The page has two languages; everybody else reads English. */
export function pageLanguage(code) {
  return (code ?? "").toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** One sentence of the page in a language code, with its values put in. */
export function words(code, key, values = {}) {
  const form = key === "members" && values.n === 1 ? "members_one" : key;
  const sentence = WORDS[pageLanguage(code)][form] ?? WORDS.en[form] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A text given in several languages (`{"en": …, "zh": …}` or a plain string). */
export function pick(code, text) {
  if (typeof text === "string") return text;
  return text?.[code] ?? text?.[pageLanguage(code)] ?? text?.en ?? Object.values(text ?? {})[0] ?? "";
}

const formats = new Map();

/** A date in words: Intl's options, cached, in a zone that may be missing or wrong. */
export function dateText(code, date, timeZone, options) {
  const locale = locales(code);
  const key = JSON.stringify([locale, timeZone, options]);
  if (!formats.has(key)) {
    let format;
    try {
      format = new Intl.DateTimeFormat(locale, { ...options, timeZone: timeZone || undefined });
    } catch {
      format = new Intl.DateTimeFormat(locale, options);
    }
    formats.set(key, format);
  }
  return formats.get(key).format(date);
}

export function locales(code) {
  if (pageLanguage(code) === "zh") return "zh-CN";
  return !code || code.startsWith("en") ? "en-GB" : code;
}

export const clockTime = (code, date, zone) => dateText(code, date, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** "Today", "Yesterday" or the date, as between two messages. */
export function dayText(code, date, now, zone) {
  const day = (at) => dateText("en", at, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  if (day(date) === day(now)) return words(code, "today");
  if (day(date) === day(new Date(now.getTime() - 86_400_000))) return words(code, "yesterday");
  const sameYear = dateText("en", date, zone, { year: "numeric" }) === dateText("en", now, zone, { year: "numeric" });
  return dateText(code, date, zone, { day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) });
}

const STEPS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** "in 2 hours", "3 minutes ago". */
export function relativeText(code, date, now) {
  const seconds = Math.round((date - now) / 1000);
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? STEPS.at(-1);
  return new Intl.RelativeTimeFormat(locales(code), { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/**
 * A date_time entity (Bot API "date-time entity formatting"): `r` relative, or any of w (day of week), d/D (short or long
 * date), t/T (short or long time), in the viewer's language and zone. An empty format keeps the given text.
 */
export function dateTimeText(code, unixTime, format, zone, now) {
  const date = new Date(unixTime * 1000);
  if (format === "r") return relativeText(code, date, now);
  const options = {};
  if (format.includes("w")) options.weekday = "long";
  if (format.includes("d")) Object.assign(options, { day: "2-digit", month: "2-digit", year: "2-digit" });
  if (format.includes("D")) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  if (/[tT]/.test(format)) Object.assign(options, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (format.includes("T")) options.second = "2-digit";
  return Object.keys(options).length ? dateText(code, date, zone, options) : "";
}

/** Money of an invoice: the smallest units of a currency. */
export function money(code, amount, currency) {
  if (currency === "XTR") return `⭐ ${amount}`;
  try {
    const format = new Intl.NumberFormat(locales(code), { style: "currency", currency });
    return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
  } catch {
    return `${amount} ${currency}`;
  }
}
