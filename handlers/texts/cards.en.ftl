# What is read in other chats: shared cards, groups and channels.

# the card
shared-until = ⏳ Voting until { $moment }
shared-over = ⌛️ This round is over.
shared-scheduled = 🗓 The group opens { $moment }
button-pass-on = 📤 Pass it on
button-today = 🎲 Today's goods
button-in-the-chat = 💬 In the chat with me

# inline mode
inline-line = { $expected }{ $saved ->
        [0] { "" }
       *[other] {" "}instead of { $original }
    }{ $number ->
        [0] { "" }
        [one] {" "}· { $number } person wants it
       *[other] {" "}· { $number } people want it
    }
inline-join = 👋 Meet me first, then share goods
inline-nothing = Nothing like that today. See the goods

# answers to taps
shared-gone = This card is no longer known. Today's goods are in the chat with me.
shared-voted-already = You voted for it already: your vote counts. In the chat with me ✅ takes it back.
shared-round-over = This round is over, so votes are closed. Today's goods are in the chat with me.
shared-group-scheduled = Its group is coming already, so no more votes are needed. 🔍 Open it to follow it, and you are told in time.
shared-group-open = Its group is open, so no more votes are needed. 🔍 Open it, and go there.
shared-item-out = This good did not make it to a group. Today's goods are in the chat with me.
shared-no-ballots-yet = No ballots yet: { $missing } more spent earns your first. You follow it now, and are told before its group opens. 🔍 Open it to end that.
shared-no-ballots = No ballots left: { $missing } more spent earns the next. You follow it now, and are told before its group opens. 🔍 Open it to end that.
shared-day-limit = { $votes ->
        [one] Your vote for the day is used.
       *[other] Your { $votes } votes for the day are used.
    } You can vote again { $until }. 🔍 Open it to follow it meanwhile.
shared-left = No picks come here any more, so this card stays as it is.

# who was led here by a card
start-by-card = Hello { $name }! 👋 Here your votes are counted, and you are told before a group opens.

# groups and channels
command-bind = Bring the day's picks here
command-unbind = Bring nothing more here
group-hello = 👋 Hello! When an administrator writes /bind, the day's picks come here every working day, to vote on together, and so does the news of groups that open.
bind-done = ✅ Done. When a round opens, a few of its goods come here to vote on, picked by chance, and later the news of groups that open. /unbind ends it.
bind-language = ✅ From now on I speak English here.
bind-both = ✅ From now on I speak Chinese and English here.
bind-only-administrators = Only administrators of this group can do that.
bind-administrators-unknown = I cannot see who administers this group. Please try again in a minute. If that does not help, make me an administrator (I need no rights), then send the command again.
notification-topic-closed = ⏸ Nothing comes into your group any more: the topic that you chose with /bind is closed. Reopen it and I go on, or send /bind in another topic.
notification-topic-gone = ⏸ Nothing comes into your group any more: the topic that you chose with /bind is gone. Send /bind in another topic and I go on there.
button-open-group-chat = 💬 Open the group chat
unbind-done = 👋 Done: nothing more comes here. /bind begins again.
unbind-none = Nothing comes here anyway. /bind begins it.
chat-picks = ☀️ <b>Today's picks</b>: what do you want?
chat-scheduled = 🗓 <b>A group is coming</b>

    { $title }
    It opens <b>{ $moment }</b>. { $number ->
        [one] { $number } person wants it.
       *[other] { $number } people want it.
    }
chat-corrected = 🗓 <b>The time has changed</b>

    { $title }
    The group now opens <b>{ $moment }</b>.
chat-cancelled = ✖️ <b>This group will not open</b>

    { $title }
chat-open = 🎉 <b>A group is open!</b>

    { $title }
    Expected price { $price }
