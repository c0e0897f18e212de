# 在其他聊天里看到的文字：分享的卡片、群和频道。

# 卡片
shared-until = ⏳ 投票截止：{ $moment }
shared-over = ⌛️ 本场已结束。
shared-scheduled = 🗓 { $moment } 开团
button-pass-on = 📤 转给别人
button-today = 🎲 看今天的宝贝
button-in-the-chat = 💬 到我这里看

# 内联模式
inline-line = { $expected }{ $saved ->
        [0] { "" }
       *[other] （原价 { $original }）
    }{ $number ->
        [0] { "" }
       *[other] · { $number } 人想团
    }
inline-join = 👋 先认识我，再分享宝贝
inline-nothing = 今天没有这样的宝贝，去看看别的

# 点按后的回答
shared-gone = 这张卡片已经失效。到我这里看今天的宝贝吧。
shared-voted-already = 你已经投过它了，这一票有效。到我这里点 ✅ 可以收回。
shared-round-over = 本场已结束，不能再投票。到我这里看今天的宝贝吧。
shared-group-scheduled = 它已经确定开团，不用再投票了。点 🔍 打开它并关注，开团前会通知你。
shared-group-open = 它已经开团，不用再投票了。点 🔍 打开它，就能去参团。
shared-item-out = 这件宝贝最终没有开团。到我这里看今天的宝贝吧。
shared-no-ballots-yet = 你还没有选票：再消费 { $missing } 就有第一张。已为你关注它，开团前会通知你；点 🔍 打开它可以取消。
shared-no-ballots = 选票用完了：再消费 { $missing } 就有下一张。已为你关注它，开团前会通知你；点 🔍 打开它可以取消。
shared-day-limit = 每天 { $votes } 票，已经投完，{ $until } 起又可以投。点 🔍 打开它可以先关注。
shared-left = 这里不再接收推荐，所以这张卡片不会更新。

# 从卡片来的人
start-by-card = { $name }，你好！👋 投票在这里计数，开团前会通知你。

# 群和频道
command-bind = 每天把推荐发到这里
command-unbind = 不再往这里发
group-hello = 👋 大家好！管理员发送 /bind，每个工作日就会在这里推荐几件宝贝一起投票，开团的消息也会发到这里。
bind-done = ✅ 好了。每场开始时，会随机挑几件宝贝发到这里一起投票，之后还有开团的消息。/unbind 停止。
bind-language = ✅ 以后在这里说中文。
bind-both = ✅ 以后在这里说中文和英文。
bind-only-administrators = 只有本群管理员可以这样做。
bind-administrators-unknown = 我看不到谁是本群管理员。请稍后再试；如果还不行，请把我设为管理员（不需要任何权限），然后再发送一次命令。
notification-topic-closed = ⏸ 已不再往你的群里发消息：你用 /bind 选的话题已关闭。重新打开它就会继续，也可以在别的话题里发送 /bind。
notification-topic-gone = ⏸ 已不再往你的群里发消息：你用 /bind 选的话题已删除。在别的话题里发送 /bind 就会继续。
button-open-group-chat = 💬 打开群聊
unbind-done = 👋 好了，以后不再往这里发。/bind 重新开始。
unbind-none = 本来就没有往这里发。/bind 开始。
chat-picks = ☀️ <b>今天的推荐</b>：你想团哪件？
chat-scheduled = 🗓 <b>要开团了</b>

    { $title }
    <b>{ $moment }</b> 开团，{ $number } 人想团。
chat-corrected = 🗓 <b>开团时间有变</b>

    { $title }
    现改为<b>{ $moment }</b> 开团。
chat-cancelled = ✖️ <b>这个团不开了</b>

    { $title }
chat-open = 🎉 <b>开团了！</b>

    { $title }
    期望价 { $price }
