# What organisers read about what is being sent.

button-campaigns = 📨 Deliveries
button-pause = ⏸ Pause
button-resume = ▶️ Go on
button-cancel = ✖️ Cancel the rest
button-campaign = 📨 Look at it
button-stars = ⭐ { $stars } at most: all in time
button-really-stars = ⭐ Yes, pay { $stars } at most
button-really-cancel = ✖️ Yes, cancel for good
button-refresh = 🔄 Refresh
button-go = ▶️ Deliver again

desk-held = ⏸ <b>Deliveries are held</b> because the database was restored from a backup ({ $since }). What was sent after the backup would be sent once more: cancel in 📨 what people know already, then let the rest go.
desk-gone = Deliveries go on.

campaigns = 📨 <b>Deliveries</b>
campaigns-none = 📨 Nothing has been sent yet.
campaigns-line = { $name }
    { $state }

campaign-kind-carousel = ☀️ Daily goods, { $day }
campaign-kind-group-scheduled = 🗓 Group coming: { $title }
campaign-kind-group-soon = ⏰ Opens soon: { $title }
campaign-kind-group-open = 🎉 Alert at opening: { $title }
campaign-kind-item-relisted = 🔁 Back again: { $title }
campaign-kind-item-rejected = 🍂 No group: { $title }
campaign-kind-item-brushed = ⚖️ Votes bought: { $title }
campaign-kind-item-expired = 🍂 Not chosen: { $title }
campaign-kind-item-restored = ⚖️ Back by an appeal: { $title }
campaign-kind-other = 🔔 News: { $title }
campaign-moved = { $name } · schedule { $number }
campaign-moved-label = #{ $number } { $name }

campaign-state-waiting = ⏳ starts { $due }
campaign-state-queued = 📨 started { $due }
campaign-state-finished = ✅ done
campaign-finished-late = ☑️ done, but { $number ->
    [one] 1 message
   *[other] { $number } messages
} came too late
campaign-state-paused = ⏸ paused
campaign-state-cancelled = ✖️ cancelled
campaign-state-expired = ⌛ expired: it came too late, and nobody was told

campaign = <b>{ $name }</b>
    { $state }
campaign-numbers = { $bar } { $percent } %

    { $total } in all
    On their way: <b>{ $queued }</b> · paused: { $paused }
    Sent: <b>{ $sent }</b>
    Perhaps arrived, perhaps not: { $unknown }
    Expired: { $expired } · cancelled: { $cancelled } · refused by Telegram: { $refused }
    Not wanted or unreachable: { $unsent }
campaign-reaches = { $number ->
    [one] <b>1</b> person will be told
   *[other] <b>{ $number }</b> people will be told
}
campaign-unsent-blocked = · blocked the bot: { $number }
campaign-unsent-unreachable = · account or chat is gone: { $number }
campaign-unsent-topic-closed = · topic of the group is closed or deleted: { $number }
campaign-unsent-turned-off = · turned it off: { $number }
campaign-unsent-not-needed = · no news for them any more: { $number }
campaign-ends = Done about { $moment }.
campaign-ask-cancel = Really give up all that has not been sent? That cannot be undone.
campaign-stopped-by = Telegram refuses these messages, so no more are sent: <code>{ $reason }</code>
campaign-stopped = ⏸ <b>{ $name }</b>
    has paused by itself: Telegram refused several messages one after the other, with the same words.

    <code>{ $reason }</code>

    Nobody is forgotten. Once the cause is put right, let it go on, and those who were missed get theirs too.
campaign-stopped-content = ⏸ <b>{ $name }</b>
    has paused by itself: Telegram does not accept this message.

    <code>{ $reason }</code>

    Nobody is forgotten. Once the cause is put right, let it go on, and those who were missed get theirs too.
campaign-stopped-unreachable = ⏸ <b>{ $name }</b>
    has paused by itself: { $number } people in a row cannot be reached. That happens when the bot runs with another bot's token.

    <code>{ $reason }</code>

    None of them is given up. If the token is right, let it go on: it will not pause for this again.
campaign-stopped-by-unreachable = { $number } people in a row cannot be reached, so no more are tried: <code>{ $reason }</code>
campaign-paid = Sent faster, for ⭐ { $stars } at most.
campaign-late = ⚠️ { $number ->
        [one] 1 of them would
       *[other] { $number } of them would
    } leave after { $moment }, when it is too late.
campaign-no-offer = There is nothing to pay for: at this pace all are in time, or it is too late for that.
campaign-few-stars = Telegram sends faster only for a bot with at least { $needed } Stars. This one has { $balance }.
campaign-ask-stars = ⭐ <b>{ $name }</b>

    { $number ->
        [one] 1 message waits
       *[other] { $number } messages wait
    }, and { $late } of them would leave after { $until }, when it is too late. Telegram can take Stars and send faster: all would have left about { $ends }.

    Price: <b>⭐ { $stars }</b> at most, a tenth of a Star for each message, from the bot's { $balance }. Pay them?
campaign-finished-already = All of it has left already: there is nothing to stop.
campaign-too-late = It had changed meanwhile, so nothing was done.

cli-go = Messages are sent again.
cli-held = All messages are held until an organiser releases them.
cli-nothing-held = Nothing is held.
