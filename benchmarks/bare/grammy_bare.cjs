// A bare bot with grammY and its runner: sends one picture message, answers and edits it at each tap. No rule, no database.
const { Bot, InputFile } = require("grammy");
const { run } = require("@grammyjs/runner");

const bot = new Bot(process.env.BOT_TOKEN, { client: { apiRoot: process.env.BOT_API_URL } });
let count = 0;
const keyboard = () => ({
  inline_keyboard: [
    [{ text: "◀️", callback_data: "p:1:0" }, { text: "1/28", callback_data: "z" }, { text: "▶️", callback_data: "p:1:1" }],
    [{ text: `🙋 I want this group · ${count}`, callback_data: "v:1:1:0:28:l" }],
    [{ text: "🔍 Details", callback_data: "d:1:1:0:28:l" }, { text: "📣 Ask friends", callback_data: "k:1" }],
    [{ text: "🗂 Categories", callback_data: "g:1:1:0:28:l" }, { text: "🎲 New draw", callback_data: "n::0" }],
  ],
});
bot.command("goods", (ctx) =>
  ctx.replyWithPhoto(new InputFile(process.env.PICTURE), { caption: "<b>Thing</b> 0", parse_mode: "HTML", reply_markup: keyboard() }));
bot.on("callback_query:data", async (ctx) => {
  count += 1;
  await Promise.all([
    ctx.answerCallbackQuery("Your vote counts."),
    ctx.editMessageCaption({ caption: `<b>Thing</b> ${count}`, parse_mode: "HTML", reply_markup: keyboard() }),
  ]);
});
run(bot, { runner: { fetch: { allowed_updates: ["message", "callback_query"] } } });
