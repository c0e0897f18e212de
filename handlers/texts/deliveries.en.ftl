# What organisers read about what is being sent.

button-deliveries = 📨 Deliveries
button-pause = ⏸ Pause
button-resume = ▶️ Go on
button-cancel = ✖️ Cancel the rest
button-delivery = 📨 Look at it
button-stars = ⭐ All in time, for { $stars } Stars at most
button-really-stars = ⭐ Yes, pay { $stars } Stars at most
button-really-cancel = ✖️ Yes, cancel for good
button-refresh = 🔄 Refresh
button-go = ▶️ Deliver again

desk-held = ⏸ <b>Deliveries are held</b> since the database was restored on { $since }. What left after the backup would leave once more: look at 📨 and cancel what is known already, then let the rest go.
desk-gone = Deliveries go on.

deliveries = 📨 <b>Deliveries</b>
deliveries-none = 📨 Nothing was sent yet.
deliveries-line = { $name }
    { $stage }

delivery-kind-carousel = ☀️ Daily goods, { $day }
delivery-kind-group-scheduled = 🗓 Group coming: { $title }
delivery-kind-group-soon = ⏰ Opens soon: { $title }
delivery-kind-group-open = 🎉 Opening's alert: { $title }
delivery-kind-item-relisted = 🔁 Back again: { $title }
delivery-kind-item-rejected = 🍂 No group: { $title }
delivery-kind-item-expired = 🍂 Not chosen: { $title }
delivery-kind-other = 🔔 News: { $title }
delivery-moved = { $name } · schedule { $number }

delivery-stage-waiting = ⏳ from { $due } on
delivery-stage-queued = 📨 since { $due }
delivery-stage-through = ✅ done
delivery-stage-paused = ⏸ paused
delivery-stage-cancelled = ✖️ cancelled
delivery-stage-expired = ⌛ came too late to be of use

delivery = <b>{ $name }</b>
    { $stage }
delivery-numbers = { $bar } { $percent } %

    { $total } in all
    On their way: <b>{ $queued }</b> · paused: { $paused }
    Sent: <b>{ $sent }</b>
    Arrived or not, nobody knows: { $unknown }
    Expired: { $expired } · cancelled: { $cancelled } · refused by Telegram: { $refused }
    Not wanted or unreachable: { $unsent }
delivery-reaches = { $number ->
    [one] <b>1</b> person will be told
   *[other] <b>{ $number }</b> people will be told
}
delivery-unsent-blocked = · blocked the bot: { $number }
delivery-unsent-unreachable = · account or chat is gone: { $number }
delivery-unsent-turned-off = · turned it off: { $number }
delivery-unsent-not-needed = · no news for them any more: { $number }
delivery-ends = Will be through about { $moment }.
delivery-ask-cancel = Shall what has not left really be given up? That cannot be undone.
delivery-stopped-by = Telegram refuses these messages, so no more are tried: <code>{ $reason }</code>
delivery-stopped = ⏸ <b>{ $name }</b>
    has paused by itself: Telegram refused several messages one after the other, with the same words.

    <code>{ $reason }</code>

    Nobody is forgotten. Once the cause is put right, let it go on, and those who were missed get theirs too.
delivery-paid = ⭐ Sent faster, for { $stars } Stars at most.
delivery-late = ⚠️ { $number ->
        [one] 1 of them would
       *[other] { $number } of them would
    } leave after { $moment }, when it is too late.
delivery-no-offer = There is nothing to pay for: at this pace all are in time, or it is too late for that.
delivery-few-stars = Telegram sends faster only for a bot with at least { $needed } Stars. This one has { $balance }.
delivery-ask-stars = ⭐ <b>{ $name }</b>

    { $number } messages wait, and { $late } of them would leave after { $until }, when it is too late. Telegram can take Stars and send faster: all would have left about { $ends }.

    Price: <b>{ $stars } Stars</b> at most, a tenth of a Star for each message, from the bot's { $balance }. Shall they be paid?
delivery-through-already = All of it has left already: there is nothing to stop.
delivery-too-late = It had moved on already.

cli-go = Deliveries go on.
cli-held = Everything due is held until an organiser says go.
cli-nothing-held = Nothing is held.
