# 小二看到的消息发送情况。

button-campaigns = 📨 消息发送
button-pause = ⏸ 暂停
button-resume = ▶️ 继续发送
button-cancel = ✖️ 取消未发的
button-campaign = 📨 查看详情
button-stars = ⭐ 全部及时送达，最多 { $stars } 颗星
button-really-stars = ⭐ 确定，最多支付 { $stars } 颗星
button-really-cancel = ✖️ 确定取消
button-refresh = 🔄 刷新
button-go = ▶️ 恢复发送

desk-held = ⏸ <b>消息已暂停发送</b>：数据库于{ $since } 从备份恢复。备份之后已发出的消息可能会再发一次；请先在 📨 中取消不必再发的，再恢复发送。
desk-gone = 已恢复发送。

campaigns = 📨 <b>消息发送</b>
campaigns-none = 📨 还没有发送过消息。
campaigns-line = { $name }
    { $state }

campaign-kind-carousel = ☀️ 每日宝贝，{ $day }
campaign-kind-group-scheduled = 🗓 开团预告：{ $title }
campaign-kind-group-soon = ⏰ 即将开团：{ $title }
campaign-kind-group-open = 🎉 开团通知：{ $title }
campaign-kind-item-relisted = 🔁 再次展示：{ $title }
campaign-kind-item-rejected = 🍂 不开团：{ $title }
campaign-kind-item-brushed = ⚖️ 查实刷票：{ $title }
campaign-kind-item-expired = 🍂 未被选中：{ $title }
campaign-kind-item-restored = ⚖️ 申诉成立：{ $title }
campaign-kind-other = 🔔 消息：{ $title }
campaign-moved = { $name } · 第 { $number } 次排期
campaign-moved-label = #{ $number } { $name }

campaign-state-waiting = ⏳ { $due } 开始发送
campaign-state-queued = 📨 发送中，{ $due } 开始
campaign-state-finished = ✅ 已送完
campaign-finished-late = ☑️ 已送完，但有 { $number } 条过期未发
campaign-state-paused = ⏸ 已暂停
campaign-state-cancelled = ✖️ 已取消
campaign-state-expired = ⌛ 已过期，没有通知到任何人

campaign = <b>{ $name }</b>
    { $state }
campaign-numbers = { $bar } { $percent } %

    共 { $total } 条
    待发：<b>{ $queued }</b> · 暂停：{ $paused }
    已发：<b>{ $sent }</b>
    不确定是否送达：{ $unknown }
    过期：{ $expired } · 取消：{ $cancelled } · 被 Telegram 拒绝：{ $refused }
    不需要或无法送达：{ $unsent }
campaign-reaches = 届时通知 <b>{ $number }</b> 人
campaign-unsent-blocked = · 屏蔽了机器人：{ $number }
campaign-unsent-unreachable = · 账号或聊天已不存在：{ $number }
campaign-unsent-topic-closed = · 群里的话题已关闭或删除：{ $number }
campaign-unsent-turned-off = · 关闭了通知：{ $number }
campaign-unsent-not-needed = · 与其不再相关：{ $number }
campaign-ends = 预计{ $moment } 发完。
campaign-ask-cancel = 确定放弃所有未发的消息吗？此操作无法撤销。
campaign-stopped-by = Telegram 拒绝了这些消息，已不再尝试：<code>{ $reason }</code>
campaign-stopped = ⏸ <b>{ $name }</b>
    已自动暂停：Telegram 接连以相同的理由拒绝了多条消息。

    <code>{ $reason }</code>

    没有人被遗漏。排除原因后请继续发送，之前没收到的人也会补发。
campaign-stopped-content = ⏸ <b>{ $name }</b>
    已自动暂停：Telegram 不接受这条消息。

    <code>{ $reason }</code>

    没有人被遗漏。排除原因后请继续发送，之前没收到的人也会补发。
campaign-stopped-unreachable = ⏸ <b>{ $name }</b>
    已自动暂停：接连 { $number } 人都无法送达。机器人用错了令牌时会这样。

    <code>{ $reason }</code>

    没有人被放弃。如果令牌没有错，请继续发送：不会再因此暂停。
campaign-stopped-by-unreachable = 接连 { $number } 人都无法送达，已不再尝试：<code>{ $reason }</code>
campaign-paid = ⭐ 加速发送中，最多花费 { $stars } 颗星。
campaign-late = ⚠️ 其中 { $number } 条要到{ $moment } 之后才能发出，那时已经太晚。
campaign-no-offer = 不需要付费：按现在的速度全都来得及，或者已经来不及了。
campaign-few-stars = 机器人至少要有 { $needed } 颗星，Telegram 才会加速发送；现在有 { $balance } 颗。
campaign-ask-stars = ⭐ <b>{ $name }</b>

    还有 { $number } 条待发，其中 { $late } 条要到{ $until } 之后才能发出，那时已经太晚。Telegram 可以收取星星来加速发送，预计{ $ends } 全部发完。

    价格：最多 <b>{ $stars } 颗星</b>（每条 0.1 颗），从机器人的 { $balance } 颗中扣除。确定支付吗？
campaign-finished-already = 已经全部送完，没有可以停下的了。
campaign-too-late = 情况已有变化，这次没有改动。

cli-go = 已恢复发送。
cli-held = 所有消息已暂停发送，小二恢复后继续。
cli-nothing-held = 没有暂停发送的消息。
