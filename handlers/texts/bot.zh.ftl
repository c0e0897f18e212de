# 会员看到的文字。各语言的键相同。

in-zone = { $moment }（{ $zone }）
day-today = 今天 { $time }
day-tomorrow = 明天 { $time }
day-at = 在{ $day } { $time }
day-at-today = 今天 { $time }
day-at-tomorrow = 明天 { $time }
at-day = 在{ $day } { $time }
at-day-today = 今天 { $time }
at-day-tomorrow = 明天 { $time }
span-minutes = { $number } 分钟
span-hours = { $number } 小时
span-days = { $number } 天

category-apparel = 服装
category-fashion = 时尚配饰
category-shoes_bags = 鞋包
category-appliances = 家电
category-food = 食品
category-mother_baby = 母婴
category-home = 家居
category-other = 其他
category-all = 全部

# 按钮
button-goods = 🎲 去看宝贝
button-vote = 🙋 我想团
button-vote-count = 🙋 我想团 · { $number }
button-voted = ✅ 已投票 · { $number }（点此收回）
button-details = 🔍 去看看
button-back = ↩️ 返回
button-canvass = 📣 拉票
button-void = ⚖️ 你的这一票不算数
button-told = ✅ 已投票，开团会通知你
button-told-alerts-off = ✅ 已投票，但开团通知已关闭
button-follow = 🔔 关注
button-following = 🔕 取消关注
button-categories = 🗂 分类
button-new-draw = 🎲 换一批
button-mine = 📋 我的投票
button-ended = 🍂 最终没有开团 · { $number }
button-settings = ⚙️ 设置
button-shop = 🏬 店铺页面
button-shop-before = 🏬 去店铺看看
button-group = 🛒 去参团
button-copy = 🔗 复制链接
button-share = 📤 发给好友
button-look = 👀 看一看
button-canvass-all = 📣 我的全部链接

# 卡片
card = <b>{ $title }</b>
    { $shop }

    原价 <s>{ $original }</s>
    期望价 <b>{ $expected }</b>{ $off }
card-discount = （{ $off }）
card-off = { $number } 折
card-saved = 立省 { $amount }
card-be-first = 🙋 还没有人想团，来做第一个吧
card-wants = { $number ->
    [0] 🙋 没有人想团
   *[other] 🙋 <b>{ $number }</b> 人想团 { $heat }
}
card-until = ⏳ 投票还剩 { $left }，{ $moment } 截止
card-over = ⌛️ 投票已截止，小二正在挑选。
card-scheduled = 🗓 { $moment } 开团，还有 { $left }
card-open = 🎉 已开团
card-ended = 这件宝贝最终没有开团。
card-waiting = 🔁 即将再次展示。
card-waiting-banned = 🔁 会再次展示，不早于 { $moment }。
details-stock = 📦 库存 { $stock } 件，备货 { $days }
details-more = 更多内容见店铺页面。

# 开始与帮助
start = { $name }，你好！👋

    在这里，大家先说想要什么，想要的人多，就为它开团。

    🎲 每个工作日 { $opens } 上新一批宝贝。
    🎫 每消费满 { $step } 得一张选票。{ $purse }
    🙋 愿意按期望价买的，就投一票：每天最多 { $votes } 票。
    🔔 开团之前，投过票的你最先收到通知。
start-newcomer = { $name }，你好！👋 在这里，大家先说想要什么，想要的人多，就为它开团。

    🎫 投一票用一张选票，每消费满 { $step } 得一张。{ $purse }
start-ballots = { $ballots ->
    [0] 你现在没有选票：再消费 { $missing } 就有一张。
   *[other] 你现在有 { $ballots } 张。
}
start-follow = 没有选票也可以点 🔔 关注它，开团前会通知你。
start-lost-link = 这个链接已经失效，不过还有很多宝贝可以看。
help = <b>怎么玩</b>

    🎲 /goods 看正在展示的宝贝。每个人看到的顺序都是随机的，每件宝贝机会均等。◀️ ▶️ 翻页，🗂 选分类。
    🙋 投票“我想团”。每消费满 { $step } 得一张选票，一票用一张；每天最多 { $votes } 票，从 { $opens } 算起，每件宝贝一票。展示期间点 ✅ 可收回。
    🔔 没有选票也可以关注。
    📣 生成你的专属链接和二维码，请好友一起投票。
    📋 /mine 看你投过的宝贝和开团时间。

    排期确定时、开团前 { $lead }、开团时，都会通知你。
    ⚖️ 谁能投票、怎样防刷票，见 /rules；曝光是否公平，见 /fairness。
    ⚙️ /settings · /privacy

# 没有内容
nothing = 现在没有正在展示的宝贝。下一场{ $moment } 开始。
nothing-in-category = 这个分类现在没有宝贝，看看别的分类吧？
category-with-count = { $name } · { $number }

# 点按后的回答
voted = 🙋 投票成功！{ $ballots ->
        [0] 选票用完了：再消费 { $missing } 就有下一张。
       *[other] { $today ->
            [0] 今天的票投完了，{ $again } 起又可以投
           *[other] { $until } 前还可投 { $today } 票
        }，剩余选票 { $ballots } 张。
    }
taken-back = 已收回。{ $until } 前还可投 { $today } 票，剩余选票 { $ballots } 张。
followed = 🔔 已关注，开团前会通知你。
followed-alerts-off = 🔔 已关注。不过你关掉了开团通知，要收到通知，请在 /settings 打开。
unfollowed = 🔕 已取消关注。

refused-unknown-item = 这件宝贝已经不在了。🎲 /goods 看今天的宝贝。
refused-round-over = 本场已结束，不能再投票。🎲 /goods 看今天的宝贝。
refused-group-scheduled = 它已经确定开团，不用再投票了。点 🔔 关注，开团前会通知你。
refused-group-open = 它已经开团，不用再投票了。点 🛒 去参团。
refused-item-out = 这件宝贝最终没有开团。🎲 /goods 看今天的宝贝。
refused-already-voted = 你已经投过它了，这一票有效。点 ✅ 可以收回。
refused-voted-before = 你在删除资料之前投过它了，那一票仍然有效，不能再投第二票。
refused-not-voted = 你在这里没有可收回的票。
refused-vote-void = 经查，你的这一票不算数，也不能收回或重投。如果你认为弄错了，请联系团长。⚖️ /rules
refused-vote-counts = 投票已经截止，不能再收回了。你的这一票算数。
refused-just-voted = 🙋 你的这一票有效。想收回的话，请稍后再点 ✅。
refused-just-followed = 已关注。想取消的话，请稍后再点 🔕。
refused-no-ballots-yet = 你还没有选票：再消费 { $missing } 就有第一张。已为你关注它，开团前会通知你；点 🔕 取消。⚖️ /rules
refused-no-ballots = 选票用完了：再消费 { $missing } 就有下一张。已为你关注它，开团前会通知你；点 🔕 取消。⚖️ /rules
refused-no-ballots-off = 选票用完了：再消费 { $missing } 就有一张。已为你关注它，不过开团通知已关闭，可在 /settings 打开。
refused-day-limit = 每天 { $votes } 票，已经投完，{ $until } 起又可以投。可以先点 🔔 关注它。⚖️ /rules
refused-changes-limit = 今天已收回 { $changes } 次，次数用完了。这一票有效，{ $until } 起又可以收回。⚖️ /rules
draw-ends = 这一批到头了，还有 { $number } 件宝贝没抽到。点 🎲 换一批，没看过的先来。
stale = 这是以前场次的列表，已为你换上最新的。
double-tap = 已改好。想改回来的话，请稍后再点一次。
one-moment = ⏳ 请稍等，已收到你的点击，我们会尽快处理。
too-many-at-once = 一下子点得太多，没能全部处理。过几秒就可以继续。
limit-draw = 换得太勤啦，{ $wait }后可以继续 🎲。
limit-link = 刚刚已经换过几次链接，{ $wait }后可以再换。现在的链接照常有效。
limit-poster = 刚刚已为你画了很多海报，{ $wait }后可以再画。链接照常有效。
limit-export = 刚刚已把你的数据发给你了，{ $wait }后可以再导出。
limit-table = 刚刚已导出很多表格，{ $wait }后可以再导出。
limit-search = 请稍等一下再搜
start-anew = 这里没有关于你的任何信息，/start 可以重新开始。
not-understood = 这条消息没看懂。/goods 看宝贝，/help 看玩法。
unknown-button = 这个按钮已经失效。发送 /start 看看现在有什么。
error = 我们这边出了点问题，请再试一次。

# 我的投票
mine = 📋 <b>我的投票</b>
mine-empty = 📋 你还没有投过票。🎲 /goods 看看正在展示的宝贝。
mine-none-left = 📋 你想要的宝贝，现在没有在等开团的。🎲 /goods 看看正在展示的宝贝。
mine-ended = 🍂 <b>最终没有开团</b>
mine-ended-none = 🍂 你想要的宝贝里，没有未能开团的。
mine-ballot-back = 🎫 选票已退还
mine-void = ⚖️ 你的这一票不算数
mine-line = { $state } <b>{ $title }</b>
    { $line }
mine-followed = 🔔 <b>我的关注</b>
mine-followed-ended = 🔔 <b>关注过，最终没有开团</b>
mine-purse-empty = 你现在没有选票：再消费 { $missing } 就有一张。点 🔔 关注喜欢的宝贝，一样会收到通知。
mine-purse = { $today ->
        [0] { $again } 起又可以投
       *[other] { $until } 前还可投 { $today } 票
    }，剩余选票 { $ballots } 张。
state-on_display = 展示中，{ $moment } 截止 · { $wants ->
   *[other] { $number } 人想团
}
state-displayed = 小二正在挑选 · { $wants ->
   *[other] { $number } 人想团
}
state-sampled = 正在查看样品
state-reviewed = 已通过终审
state-scheduled = { $moment } 开团
state-open = 已开团
state-rejected = 最终没有开团
state-expired = 已过期，没有开团
state-passed = 即将再次展示
state-passed-banned = 会再次展示，不早于 { $moment }
back-on-display = 又在展示了，{ $moment } 截止，重新计票
back-since = 后来再次展示：{ $state }

# 通知
notification-carousel = ☀️ <b>今天的宝贝上新了</b>
notification-group-scheduled = 🗓 <b>你想团的宝贝要开团了！</b>

    { $title }
    <b>{ $moment }</b> 开团，还有 { $span }。
notification-group-scheduled-again = 🗓 开团前会再通知你一次。
notification-group-corrected = 🗓 <b>开团时间有变</b>

    { $title }
    现改为<b>{ $moment }</b> 开团，还有 { $span }。
notification-group-soon = ⏰ <b>{ $span }后开团</b>

    { $title }
    <b>{ $moment }</b>
notification-group-open = 🎉 <b>你想团的宝贝开团了！</b>

    { $title }
    期望价 { $price }
notification-item-relisted = 🔁 <b>又上架展示了</b>

    { $title }
    你以前投过它。如果还想要，请再投一票，这次重新计数。
notification-item-rejected = 🍂 <b>这次没能开团</b>

    { $title }
    { $why }
notification-item-rejected-sample = 样品没有达到我们想给你的质量。
notification-item-rejected-qualification = 店铺没能提供开团所需的全部资质。
notification-item-rejected-price = 没有谈到值得推荐给你的价格。
notification-item-rejected-quantity = 数量不够，满足不了所有想要的人。
notification-item-rejected-time = 来不及备好货。
notification-item-rejected-cancelled = 之前通知你的那个团不会开了。
notification-item-expired = 🍂 <b>这次没能开团</b>

    { $title }
    场次结束已经两周，它没有被选中。
notification-ballot-back = 🎫 那张选票已退还给你，可以再投。
notification-ended-thanks = 谢谢你说出想要什么，这会帮我们和店铺找到方向。
notification-grant = 🎁 <b>你得到了 { $number } 张选票</b>

    { $reason }
notification-grant-corrected = 🎁 <b>送你的选票有更正：{ $before } → { $number } 张</b>

    { $reason }
notification-milestone = 📣 <b>{ $number ->
        [1] 你的链接带来了第一票！
       *[other] 你的链接已带来 { $number } 票！
    }</b>

    { $title }

# 设置
settings = ⚙️ <b>设置</b>

    免打扰时段：<b>{ $quiet }</b>。期间不发送每日上新{ $alerts ->
        [yes] ，也不发送开团通知
        [off] 。开团通知已关闭，任何时间都不会发送
       *[no] 。第一条开团通知如果来得及，也等到之后再发；后面的照常发送
    }。
settings-quiet-none = 无
settings-carousel-on = ☀️ 每日上新：开
settings-carousel-off = ☀️ 每日上新：关
settings-alerts-on = 🔔 开团通知：开
settings-alerts-off = 🔔 开团通知：关
settings-quiet = 🌙 免打扰：{ $quiet }
settings-alerts-quiet-on = 🌙 开团通知也免打扰：是
settings-alerts-quiet-off = 🌙 开团通知也免打扰：否
settings-name-on = 😊 对好友显示名字：是
settings-name-off = 😊 对好友显示名字：否
settings-language-zh = 中文
settings-language-en = English
settings-chosen = ● { $name }
settings-saved = 已保存。
settings-quiet-choose = 🌙 <b>什么时候免打扰？</b>
    也可以直接写两个时间，例如 23:00-07:30。
settings-never-quiet = ⚙️ <b>设置</b>

    免打扰时段：<b>无</b>，随时都可能收到消息。
settings-quiet-bad = 没看懂这两个时间，请写成 23:00-07:30 这样。
settings-quiet-off = 不设免打扰
settings-quiet-saved = 🌙 免打扰：{ $quiet }。

# 隐私
privacy = 🔒 <b>关于你，我们保存了什么</b>

    你的 Telegram ID、名字和语言；你的设置；店铺报来的消费记录；你的投票及其凭证、关注和拉票链接；给你看过哪些卡片；给你发过哪些消息。店铺只看到数字，看不到人。好友打开你的链接，也看不到是谁的，除非你选择显示名字。

    你发来的消息如果在我们这边处理失败，可能会保留两周，好让我们修好问题。

    你可以把它们全部带走，也可以让我们删除。删除之后数字还在，但再也没有人知道是谁的。

    为了不重复发放、不重复计数，删除后我们可能会留下你 Telegram ID 的一个指纹，以及展示中的宝贝里哪些是你投过的、看过的、由好友链接打开过的，还有你今天投的票。现在展示的宝贝都下架后，指纹就会删掉；如果你领过新人赠票，则保留一年。为防刷票，你的 ID 所在的大致号段会以指纹形式随每一票保留到该场结束后一周。

    { $hours ->
        [0] 为防数据丢失，数据库会有备份；备份里已删除的内容，要等备份被替换后才会消失。
       *[other] 为防数据丢失，数据库每小时备份一次；备份里已删除的内容，约 { $hours } 小时后随备份被替换而消失。
    }
button-privacy-export = 📦 导出我的数据
button-privacy-delete = 🗑 删除我的数据
button-privacy-really = 🗑 是的，全部删除
privacy-ask = 确定吗？你的选票、链接和设置都会消失，无法恢复，也再没有人知道哪些票是你投的。
privacy-deleted = 已删除你的数据。为了不重复发放、不重复计数，你 Telegram ID 的指纹可能会再留一段时间，多久见 /privacy。/start 可以重新开始。
privacy-file = 📦 这里是我们保存的关于你的全部内容，供程序读取；上面的文本文件是给人看的。
privacy-list = 我们保存的关于你的内容，{ $moment }
privacy-list-spendings = 你的消费
privacy-list-grants = 你得到的赠票
privacy-list-votes = 你的投票
privacy-list-follows = 你的关注
privacy-list-links = 你的拉票链接
privacy-list-none = - 无
privacy-list-taken-back = {" · "}{ $moment } 收回
privacy-list-returned = {" · "}没有开团，选票已于 { $moment } 退还
privacy-list-numbers = 此外：给你看过 { $shown } 件宝贝，给你发过 { $messages } 条消息，为卡片预备了 { $prepared } 个链接。

# 菜单
command-goods = 正在展示的宝贝
command-mine = 我的投票
command-canvass = 我的拉票链接
command-settings = 设置
command-help = 怎么玩
command-privacy = 保存了哪些关于我的信息
command-desk = 小二工作台
about-short = 说出你想要的，就为它开团。
about = 会员每天为想团的宝贝投票；开团之前，投过票的人最先收到通知。
