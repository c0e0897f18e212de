# 小二看到的消息发送情况。

button-deliveries = 📨 消息发送
button-pause = ⏸ 暂停
button-resume = ▶️ 继续发送
button-cancel = ✖️ 取消未发的
button-delivery = 📨 查看详情
button-stars = ⭐ 全部及时送达，最多 { $stars } 颗星
button-really-stars = ⭐ 确定，最多支付 { $stars } 颗星
button-really-cancel = ✖️ 确定取消
button-refresh = 🔄 刷新
button-go = ▶️ 恢复发送

desk-held = ⏸ <b>消息已暂停发送</b>：数据库于 { $since } 从备份恢复。备份之后已发出的消息可能会再发一次；请先在 📨 中取消不必再发的，再恢复发送。
desk-gone = 已恢复发送。

deliveries = 📨 <b>消息发送</b>
deliveries-none = 📨 还没有发送过消息。
deliveries-line = { $name }
    { $stage }

delivery-kind-carousel = ☀️ 每日宝贝，{ $day }
delivery-kind-group-scheduled = 🗓 开团预告：{ $title }
delivery-kind-group-soon = ⏰ 即将开团：{ $title }
delivery-kind-group-open = 🎉 开团通知：{ $title }
delivery-kind-item-relisted = 🔁 再次展示：{ $title }
delivery-kind-item-rejected = 🍂 不开团：{ $title }
delivery-kind-item-expired = 🍂 未被选中：{ $title }
delivery-kind-other = 🔔 消息：{ $title }
delivery-moved = { $name } · 第 { $number } 次排期

delivery-stage-waiting = ⏳ { $due } 开始
delivery-stage-queued = 📨 { $due } 开始
delivery-stage-through = ✅ 已送完
delivery-stage-paused = ⏸ 已暂停
delivery-stage-cancelled = ✖️ 已取消
delivery-stage-expired = ⌛ 已过期

delivery = <b>{ $name }</b>
    { $stage }
delivery-numbers = { $bar } { $percent } %

    共 { $total } 条
    待发：<b>{ $queued }</b> · 暂停：{ $paused }
    已发：<b>{ $sent }</b>
    不确定是否送达：{ $unknown }
    过期：{ $expired } · 取消：{ $cancelled } · 被 Telegram 拒绝：{ $refused }
    不需要或无法送达：{ $unsent }
delivery-reaches = 届时通知 <b>{ $number }</b> 人
delivery-unsent-blocked = · 屏蔽了机器人：{ $number }
delivery-unsent-unreachable = · 账号或聊天已不存在：{ $number }
delivery-unsent-turned-off = · 关闭了通知：{ $number }
delivery-unsent-not-needed = · 与其不再相关：{ $number }
delivery-ends = 预计 { $moment } 发完。
delivery-ask-cancel = 确定放弃所有未发的消息吗？此操作无法撤销。
delivery-stopped-by = Telegram 拒绝了这些消息，已不再尝试：<code>{ $reason }</code>
delivery-stopped = ⏸ <b>{ $name }</b>
    已自动暂停：Telegram 接连以相同的理由拒绝了多条消息。

    <code>{ $reason }</code>

    没有人被遗漏。排除原因后请继续发送，之前没收到的人也会补发。
delivery-paid = ⭐ 加速发送中，最多花费 { $stars } 颗星。
delivery-late = ⚠️ 其中 { $number } 条要到 { $moment } 之后才能发出，那时已经太晚。
delivery-no-offer = 不需要付费：按现在的速度全都来得及，或者已经来不及了。
delivery-few-stars = 机器人至少要有 { $needed } 颗星，Telegram 才会加速发送；现在有 { $balance } 颗。
delivery-ask-stars = ⭐ <b>{ $name }</b>

    还有 { $number } 条待发，其中 { $late } 条要到 { $until } 之后才能发出，那时已经太晚。Telegram 可以收取星星来加速发送，预计 { $ends } 全部发完。

    价格：最多 <b>{ $stars } 颗星</b>（每条 0.1 颗），从机器人的 { $balance } 颗中扣除。确定支付吗？
delivery-through-already = 已经全部送完，没有可以停下的了。
delivery-too-late = 状态已经变化，没有改动。

cli-go = 已恢复发送。
cli-held = 到期消息全部暂停发送，等待组织者放行。
cli-nothing-held = 没有暂停发送的消息。
