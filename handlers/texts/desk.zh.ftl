# 小二看到的文字，聊天里和终端里都用。

button-desk = 🏪 工作台
button-ranking = 🏆 排行
button-import = 📥 导入宝贝
button-table-ranking = 📄 排行表
button-table-votes = 📄 投票表
button-workbook-ranking = 📊 排行表 Excel
button-workbook-votes = 📊 投票表 Excel
button-template = 📄 宝贝模板
button-template-spending = 📄 消费记录模板
button-special = ⏩ 立即加开一场
button-opens-at = 🗓 { $moment }
button-other-time = ✍️ 其他时间
button-again = 🔁 下一场再展示
button-reject = 🍂 不开团
button-late = 🗓 仍然这样安排
button-days = 📅 日历
button-grant = 🎁 赠送选票
button-store = 📥 导入 { $number } 件宝贝
button-store-good = 📥 导入其中 { $number } 行正确的

desk = 🏪 <b>工作台</b>

    展示中：<b>{ $on_display }</b> 件
    等待{ $next } 的下一场：<b>{ $waiting }</b> 件{ $kept_back ->
        [0] {""}
       *[other] ，另有 🔒 { $kept_back } 件因店铺封禁继续等待
    }
    会员：<b>{ $members }</b> 人

    消息：{ $queued } 条待发，{ $sent } 条已发，{ $unreachable } 条不需要或无法送达，{ $failed } 条失败或过期
desk-ranking = 🏆 <b>大家想团什么</b>
desk-ranking-empty = 🏆 还没有展示过宝贝。
desk-set-aside = { " " }· 🔍 { $number } 票暂不计
desk-ranking-line = { $place }. <b>{ $title }</b> · { $price }
    🙋 { $wants } 票{ $set_aside } · 🔔 将通知 { $told } 人
desk-ranking-scheduled = {" "}· 🗓 { $moment }
desk-item = <b>{ $title }</b>
    { $shop } · <code>{ $ref }</code>

    🙋 { $wants } 人想团{ $set_aside } · { $shown } 人在轮播中看过
    期望价 { $price } · 库存 { $stock } 件，备货 { $days }
    开团：{ $opens }
desk-item-no-time = 还没定
desk-item-when = 什么时候开团？
desk-item-open = 🎉 它的团已经开了。
desk-item-rejected = 🍂 已决定不为它开团。
desk-item-expired = 🍂 没有及时定下来，不会开团了。
desk-item-banned = 🔒 店铺封禁至 { $moment }，在此之前不能再次展示。
desk-item-came-back = 🔁 它已作为新的一次展示重新安排，另行计票。
desk-item-refused = 🍂 它没有通过审核，不会开团。
desk-ask-time = 🗓 <b>{ $title }</b>
    什么时候开团？请写成 <code>2026-12-01 10:00</code> 这样。
desk-ask-clock = 🗓 <b>{ $title }</b>
    { $day }几点开团？请写成 <code>10:00</code>。
desk-bad-time = 没看懂这个时间。
desk-scheduled = 🗓 <b>{ $title }</b>
    { $moment } 开团。
desk-replaces = ↪️ 原定{ $moment } 开团；已收到通知的人会得知新的时间。
desk-replaced = ↪️ 原定{ $moment } 开团。
desk-voting-ends = 🙋 它的投票随即结束。
desk-told-nobody = 没有人在等它的开团通知。
desk-told-now = 🔔 { $number } 人会立即收到通知。
desk-told-later = 🌙 { $number } 人正在免打扰时段，结束后收到通知（{ $moment } 起）。
desk-told-never = ⌛ { $number } 人收不到通知：等免打扰结束就太晚了。
desk-told-again = 开团前 { $lead }和开团时还会再通知。
desk-told-again-soon = 开团时还会再通知。
desk-address-changed = 只改了参团页面，不另行通知；之后的通知会用新的页面。
desk-late = 🗓 <b>{ $title }</b>
    { $moment } 开团
desk-scheduled-before = 🗓 <b>{ $title }</b>
    已经定在{ $moment } 开团，没有变化。
desk-does-not-fit = ⚠️ 通知太多，这个团或别的团的通知来不及全部按时发出。换个晚一点的时间，大家就都能收到。
desk-or-pay = 也可以最多支付 { $stars } 颗星，让所有人及时收到通知：请在 📨 中操作。
desk-again = 🔁 下一场会再次展示，重新计票。
desk-not-again = 不能再次展示：只有场次已结束的宝贝可以，且只能一次；店铺被禁期间也不行。
desk-reject = 🍂 <b>{ $title }</b>
    不为它开团吗？投票的人会收到原因，且无法撤回。原因是什么？
rejection-sample = 样品
rejection-qualification = 店铺资质
rejection-price = 价格
rejection-quantity = 数量
rejection-time = 备货时间
desk-rejected = 🍂 { $title }：不开团。{ $told ->
        [0] 没有需要告知的人。
       *[other] 将告诉 { $told } 人原因。
    }
not-rejected-unknown-item = 没有这件宝贝。
not-rejected-open-already = 它的团已经开了。
not-rejected-ended = 它已经结束了。
desk-days = 📅 <b>哪天开场</b>

    🟢 { $opens } 开场，一直到下一场 · ⚪️ 不开场
    ✍️ 在这里定的，不按日历
    点一天就能改。
day-working = 🟢 { $day } · { $hours } 小时
day-off = ⚪️ { $day }
day-own = { $day } ✍️
desk-day-over = 那一天的开场时间已经过去了。
desk-really-day = 📅 <b>{ $day }</b>
    正在展示的 { $goods } 件宝贝会改在{ $after } 截止，原来是{ $before }。确定要改吗？
desk-grant-ask = 🎁 送给谁、送几张、为什么？请写 Telegram ID、选票数和原因，例如 <code>1234567 3 谢谢你的帮忙</code>。对方会看到原因。
desk-grant-bad = 没看懂：需要 ID、1 到 { $most } 之间的数和原因，例如 <code>1234567 3 谢谢你的帮忙</code>。
not-granted-unknown-member = ID 为 { $person } 的人还没有用过这个机器人。请核对一下 ID；如果没写错，请先让对方点 Start，再送一次。
desk-grant-done = 🎁 已送 { $number } 张选票给 { $person }，对方会收到原因。
desk-grant-correct = 要更正的话，再点 🎁，写上编号、应有的张数和原因，例如 <code>#{ $grant } 1 我写错了</code>。
desk-grant-corrected = 🎁 送给 { $person } 的选票已更正：{ $before } → { $number } 张，对方会收到原因。
not-granted-unknown-grant = 没有编号为 { $person } 的赠票，或者那位会员已经离开。
not-granted-repeated = 十分钟内已因同样的原因送给 { $person } 同样多的选票，所以这次没有送。要再送一次，请换一个原因。
not-granted-key-taken = 这已经用于另一位会员了，请重新写一次。
desk-special = 已加开一场，共 { $number } 件宝贝。{ $told }
desk-nothing-waits = 没有等待展示的宝贝，请先导入。
desk-only-banned-wait = 等待展示的都是被封禁店铺的宝贝，封禁结束前不展示。
desk-import = 📥 <b>导入宝贝</b>

    请发送 CSV 或 Excel 文件（.xlsx），或把表格和图片放在一起的 ZIP。列名：
    <code>编号,店铺,标题,英文标题,类目,原价,期望价,库存,备货天数,链接,图片,描述,英文描述</code>

    类目：服装、时尚配饰、鞋包、家电、食品、母婴、家居、其他。列名和类目也可以写英文。图片是 ZIP 中的文件或 https 链接。
desk-template-goods = 📄 请填好第一张工作表发回来；有图片的话，和表格一起打包成 ZIP。
desk-template-spending = 📄 请填好第一张工作表，交给运行机器人的人在终端导入：python -m bot spend import
template-ref = 宝贝自己的编号，表格里不重复，例如 tea-01
template-shop = 店铺的名字，不超过 100 个字
template-title = 中文标题，不超过 100 个字
template-title-en = 英文标题，可以不填
template-category = 服装、时尚配饰、鞋包、家电、食品、母婴、家居、其他
template-original-price = 单位是元，例如 168.00
template-expected-price = 单位是元，不高于原价，例如 89.00
template-stock = 有多少件，例如 800
template-lead-days = 备货要几天，不超过 365，例如 5
template-url = 店铺页面，例如 https://shop.example.com/tea
template-picture = 和表格一起打包在 ZIP 里的文件，或 https 链接，例如 tea.jpg
template-description = 中文描述，不超过 800 个字，可以不填
template-description-en = 英文描述，可以不填
template-telegram-id = 付款人的 Telegram ID，例如 1234567
template-amount = 单位是元，退款写负数，例如 260.00
template-spent-on = 日期，不早于 2011-01-01，例如 2026-11-02
template-order = 订单或退款自己的编号，表格里不重复，例如 order-88213
template-refund-of = 退款对应的订单号，可以不填
template-spending = 消费记录
template-goods = 宝贝
template-notes = 说明
desk-file-unusable = 这个文件无法使用。请发送 CSV、Excel 文件（.xlsx），或把表格和图片放在一起的 ZIP（不超过 20 MB）。旧版表格可另存为 .xlsx。
desk-previewed = 📥 <b>已检查，尚未导入</b>
desk-previewed-nothing = 📥 <b>没有可以导入的内容</b>
desk-stored = ✅ <b>已导入</b>
desk-not-stored = ⚠️ <b>没有导入任何内容</b>
desk-which-table = 📥 <b>哪一张表？</b>压缩包里有几张：
desk-which-sheet = 📥 <b>哪一张工作表？</b>文件里有几张：
desk-which-encoding = 📥 <b>哪一种文字是对的？</b>这个文件有两种读法：
import-counts = 新增 { $new }，更新 { $changed }，不变 { $same }

not-scheduled-unknown-item = 没有这件宝贝。
not-scheduled-in-the-past = 这个时间已经过去了。
not-scheduled-too-far = 这个时间在一年以后了，年份写对了吗？请选一个近一点的时间。
not-scheduled-not-shown-yet = 它还没有展示过，还没有人能投票。
not-scheduled-ended = 它已经结束，没有开团，不能再排期。
not-scheduled-open-already = 它已经开团了。
not-scheduled-moved-meanwhile = 它的开团时间已另有改动，这次没有改。请再看一遍。
not-scheduled-later-than-promised = 这个时间晚于场次结束后两周，我们答应过会员会更早开团。

bad-line = 第 { $line } 行，{ $field }：{ $what }
bad-whole-line = 第 { $line } 行：{ $what }
bad-more = ……还有 { $number } 处
bad-above-original = 期望价高于原价
bad-duplicate-column = “{ $value }”这一列已经有了
bad-duplicate-ref = “{ $value }”在第 { $earlier } 行已经出现过
bad-empty-file = 文件是空的
bad-in-the-future = “{ $value }”还没有到
bad-known-otherwise = “{ $value }”以前导入过，是另一位会员的订单
bad-missing = 缺少内容
bad-missing-column = 缺少这一列
bad-not-a-button-url = “{ $value }”不能放进 Telegram 的按钮：要以 http:// 或 https:// 开头，域名里要有英文的点，例如 https://shop.example/tea
bad-not-a-date = “{ $value }”不是 2026-11-30 这样的日期
bad-not-a-number = “{ $value }”不是整数
bad-not-a-picture = “{ $value }”既不是文件也不是 https 链接
bad-not-a-price = “{ $value }”不是 129.00 这样的价格
bad-not-a-url = “{ $value }”不是链接
bad-not-csv = 不是 CSV：引号没有结束
bad-not-utf8 = 文件不是 UTF-8、UTF-16、GB 18030 或 Big5 编码
bad-odd-character = 含有控制字符
bad-out-of-range = “{ $value }”太小或太大
bad-picture-broken = “{ $value }”不是能读取的图片
bad-picture-missing = 找不到图片“{ $value }”
bad-picture-not-https = “{ $value }”不是 https 链接
bad-picture-not-tried = 没有读取“{ $value }”，因为表中其他图片耗时太久
bad-picture-outside = “{ $value }”在表格所在文件夹之外
bad-picture-shape = “{ $value }”过于细长
bad-picture-too-big = “{ $value }”超过 10 MB
bad-picture-unreachable = 无法获取“{ $value }”
bad-shop-banned = 店铺“{ $value }”被禁到 { $until }
bad-shown-already = “{ $value }”已经展示过，内容不能再改；请使用新的编号
bad-refund-is-positive = 退款金额要写成负数，例如 -113.00
bad-refund-needs-ref = 退款要有自己的编号；原订单写在“原订单号”（refund_of）一列
bad-refund-of-another = “{ $value }”是另一位会员的订单
bad-refunded-to-another = 它的退款“{ $value }”记在另一位会员名下，两者有一个不对
bad-shortened-number = “{ $value }”的末尾几位被表格软件丢掉了；请把这一列设为文本格式，重新保存
bad-too-early = “{ $value }”早于 2011 年，不计入
bad-too-long = 太长
bad-too-many-rows = 一张表只读取前 { $value } 行，请把它拆开
bad-two-encodings = 文件有两种读法：{ $value }
bad-unknown-category = “{ $value }”不是类目：服装、时尚配饰、鞋包、家电、食品、母婴、家居、其他

cli-about = { $name }：{ $what }
cli-choose = 请指明是哪一个，例如 { $option }。
cli-file-unusable = 这不是表格：请用 CSV、XLSX，或把表格和图片放在一起的 ZIP。
cli-pictures = 图片
cli-outcome = { $outcome }：{ $counts }
cli-with-skip-bad = { $outcome }。加上 --skip-bad 将是
cli-imported = 已导入
cli-not-imported = 没有导入任何内容
cli-previewed = 已检查，没有改动
cli-correction = 第 { $line } 行，{ $ref }：{ $before } → { $after }
cli-replaced = 第 { $line } 行，{ $ref }：{ $after } 之前已更正为 { $before }，这一行不作改动
cli-corrections-ask = 保存这 { $number } 处更正吗？
cli-corrections-left = 更正没有保存。要保存请加上 --corrections。
cli-exists = { $file } 已经存在，可能已经填好，所以没有写入。请换一个文件名。
cli-written = 已写入 { $number } 行：{ $file }
cli-own-day-working = { $day }：小二设定为开场
cli-own-day-off = { $day }：小二设定为不开场
cli-own-day-default = { $day }：重新按日历安排
cli-bad-day = “{ $value }”不是日期，应写成 2026-12-25
cli-bad-key = --key 的长度是 1 到 { $most } 个字符。
cli-key-taken = --key “{ $name }”已经用于送给另一位会员的选票。
cli-grant-known = 以前已送 { $number } 张选票给 { $person }，没有改动。
cli-grant-repeated = 十分钟内已因同样的原因送给 { $person } 同样多的选票。要再送一次，请加上 --again。
cli-no-reason = 请用 --reason 写明原因，会员会看到。
cli-which-day = 请在 --off、--working、--default 中选一个。
cli-round = { $opens }  →  { $closes }   { $hours } 小时
cli-bad-time = “{ $value }”不是 2026-12-01T10:00+08:00 这样的时间
cli-no-clock = “{ $value }”只有日期。请加上时间，例如 10:00。
cli-unknown-ref = 没有编号为“{ $value }”的宝贝。
cli-scheduled = { $title }：{ $moment } 开团。
cli-scheduled-before = { $title }：已经定在{ $moment } 开团，没有变化。
cli-even-late = 如果仍要这样安排，请加上 --even-late。

button-really-schedule = ✅ 确定，排期并通知
button-really-schedule-silent = ✅ 确定，排期
button-really-day = ✅ 确定，改这一天
button-really-special = ✅ 确定，加开并通知
button-really-special-silent = ✅ 确定，加开
desk-really-schedule = 🗓 <b>{ $title }</b>
    { $moment } 开团吗？备货需要 { $days }。
desk-really-special = ⏩ 现在加开一场，展示等待中的 { $number } 件宝贝？
desk-special-nobody = 没有会员订阅每日上新，不会有人收到通知。
desk-special-rest = { $next } 开的那一场就没有这些宝贝了。
desk-done-already = 这一步已经完成了。
desk-under-way = ⏳ 正在处理，结果稍后发到这里。
desk-table = 📄 共 { $number } 行
