# What members read. Keys, not sentences, are the same in every language.

in-zone = { $moment } ({ $zone })
day-today = today { $time }
day-tomorrow = tomorrow { $time }
day-at = on { $day } at { $time }
day-at-today = today at { $time }
day-at-tomorrow = tomorrow at { $time }
at-day = at { $time } on { $day }
at-day-today = at { $time } today
at-day-tomorrow = at { $time } tomorrow
span-minutes = { $number ->
    [one] { $number } minute
   *[other] { $number } minutes
}
span-hours = { $number ->
    [one] { $number } hour
   *[other] { $number } hours
}
span-days = { $number ->
    [one] { $number } day
   *[other] { $number } days
}

category-apparel = Apparel
category-fashion = Fashion
category-shoes_bags = Shoes & bags
category-appliances = Appliances
category-food = Food
category-mother_baby = Mother & baby
category-home = Home
category-other = Other
category-all = Everything

# buttons
button-goods = 🎲 See the goods
button-vote = 🙋 I want this group
button-vote-count = 🙋 I want this group · { $number }
button-voted = ✅ Voted · { $number } (tap to take back)
button-details = 🔍 Details
button-back = ↩️ Back
button-canvass = 📣 Share
button-void = ⚖️ Your vote does not count
button-told = ✅ You voted: you will be told
button-told-alerts-off = ✅ Voted, but your alerts are off
button-follow = 🔔 Follow
button-following = 🔕 Unfollow
button-categories = 🗂 Categories
button-new-draw = 🎲 New draw
button-mine = 📋 My votes
button-ended = 🍂 Ended without a group · { $number }
button-settings = ⚙️ Settings
button-shop = 🏬 Shop page
button-shop-before = 🏬 See it in the shop
button-group = 🛒 Go to the group
button-copy = 🔗 Copy the link
button-share = 📤 Send to friends
button-look = 👀 Look at it
button-canvass-all = 📣 All my links

# the card
card = <b>{ $title }</b>
    { $shop }

    Original price <s>{ $original }</s>
    Expected price <b>{ $expected }</b>{ $off }
card-discount = {" "}({ $off })
card-off = { $number }% off
card-saved = { $amount } off
card-be-first = 🙋 Nobody has asked for it yet: be the first
card-wants = { $number ->
    [0] 🙋 Nobody has asked for it
    [one] 🙋 <b>{ $number }</b> person wants it { $heat }
   *[other] 🙋 <b>{ $number }</b> people want it { $heat }
}
card-until = ⏳ { $left } left to vote: until { $moment }
card-over = ⌛️ Voting is over, and the organiser is choosing.
card-scheduled = 🗓 The group opens { $moment }, in { $left }
card-open = 🎉 The group is open
card-ended = This good did not make it to a group.
card-waiting = 🔁 It comes back on display soon.
card-waiting-banned = 🔁 It comes back on display, not before { $moment }.
details-stock = 📦 { $stock } in stock, ready in { $days }
details-more = The shop page tells you more.

# start and help
start = Hello { $name }! 👋

    Here members say what they want, and groups open for what most of them want.

    🎲 Every working day at { $opens } new goods come on display.
    🎫 Each full { $step } that you spent with us is one ballot. { $purse }
    🙋 Vote for what you would buy at the expected price: up to { $votes } votes a day.
    🔔 Before its group opens, you are told first.
start-newcomer = Hello { $name }! 👋 Here members say what they want, and groups open for what most of them want.

    🎫 A vote uses one ballot. Each full { $step } that you spent with us is one. { $purse }
start-ballots = { $ballots ->
    [0] You have none right now: { $missing } more spent earns one.
    [one] You have 1.
   *[other] You have { $ballots }.
}
start-follow = 🔔 follows it without a ballot: you are told before its group opens.
start-lost-link = This link no longer leads anywhere, but there is plenty to see.
help = <b>How it works</b>

    🎲 /goods shows the goods on display, in a random order of your own, so that each one has the same chance. ◀️ ▶️ turn the page, 🗂 picks a category.
    🙋 votes for a group. Each full { $step } that you spent is one ballot; a vote uses one, one per good, and at most { $votes } a day, counted from { $opens } on. ✅ takes a vote back while the good is on display.
    🔔 follows a good without a ballot.
    📣 makes your own link and QR code, so that friends can vote too.
    📋 /mine lists your votes and when their groups open.

    You are told when a group is scheduled, { $lead } before it opens, and when it opens.
    ⚖️ /rules says who may vote, and what is done against bought votes; /fairness, how evenly goods are shown.
    ⚙️ /settings · /privacy

# nothing to show
nothing = There is nothing on display right now. The next goods come { $moment }.
nothing-in-category = There is nothing in this category right now. Have a look at the others?
category-with-count = { $name } · { $number }

# answers to taps
voted = 🙋 Your vote counts. { $ballots ->
        [0] It took your last ballot: { $missing } more spent earns the next one.
       *[other] { $today ->
            [0] You can vote again { $again }, and have
            [one] You have 1 vote left until { $until }, and
           *[other] You have { $today } votes left until { $until }, and
        } { $ballots ->
            [one] 1 ballot
           *[other] { $ballots } ballots
        }.
    }
taken-back = Taken back. You have { $today ->
        [one] 1 vote
       *[other] { $today } votes
    } left until { $until }, and { $ballots ->
        [one] 1 ballot
       *[other] { $ballots } ballots
    }.
followed = 🔔 You will be told before its group opens.
followed-alerts-off = 🔔 You follow it, but your alerts are off, so you will not be told. /settings turns them on.
unfollowed = 🔕 You no longer follow it.

refused-unknown-item = This good is not there any more. 🎲 /goods shows today's.
refused-round-over = This round is over, so votes are closed. 🎲 /goods shows today's goods.
refused-group-scheduled = Its group is coming already, so no more votes are needed. Tap 🔔 and you will be told in time.
refused-group-open = Its group is open, so no more votes are needed. 🛒 leads there.
refused-item-out = This good did not make it to a group. 🎲 /goods shows today's.
refused-already-voted = You voted for it already: your vote counts. ✅ takes it back.
refused-voted-before = You voted for it before you deleted your data. That vote counts, so there is no second one.
refused-not-voted = You have no vote here to take back.
refused-vote-void = This vote was found not to be honest: it does not count and cannot be changed. If that is a mistake, tell the organisers. ⚖️ /rules
refused-vote-counts = Votes for it are closed, so none can be taken back any more. Yours counts.
refused-just-voted = 🙋 Your vote counts. To take it back, tap ✅ again in a moment.
refused-just-followed = You follow it. To unfollow it, tap 🔕 again in a moment.
refused-no-ballots-yet = You have no ballots yet: { $missing } more spent earns your first. You follow it now, and are told before its group opens. 🔕 ends that. ⚖️ /rules
refused-no-ballots = No ballots left: { $missing } more spent earns the next one. You follow it now, and are told before its group opens. 🔕 ends that. ⚖️ /rules
refused-no-ballots-off = No ballots left: { $missing } more spent earns one. You follow it now, but your alerts are off: /settings turns them on.
refused-day-limit = { $votes ->
        [one] Your vote for the day is used.
       *[other] Your { $votes } votes for the day are used.
    } You can vote again { $until }. 🔔 follows it meanwhile. ⚖️ /rules
refused-changes-limit = You have taken votes back { $changes } times today, as often as a day allows. This vote counts; it can be taken back again { $until }. ⚖️ /rules
draw-ends = The last card of this draw. { $number ->
        [one] 1 more good waits
       *[other] { $number } more goods wait
    }: 🎲 draws anew, what you have not seen first.
stale = This list is from an earlier round. Here is a fresh one.
double-tap = Done. To change it back, tap again in a moment.
one-moment = ⏳ One moment: your tap has arrived, and we get to it as soon as we can.
too-many-at-once = That was too many at once, so not all of it was done. It works again in a few seconds.
limit-draw = You have drawn many times in a row. 🎲 works again in { $wait }.
limit-link = You have made several new links. You can make the next one in { $wait }; the one you have goes on working.
limit-poster = Many posters were drawn for you just now. The next one can be drawn in { $wait }. Your link works as always.
limit-export = You have just been sent your data. It can be sent again in { $wait }.
limit-table = Many tables were made for you just now. The next one can be made in { $wait }.
limit-search = Please wait a moment
start-anew = Nothing is stored about you here. /start begins anew.
not-understood = I did not understand that. /goods shows the goods, /help how it works.
unknown-button = This button is no longer known. /start shows what there is.
error = Something went wrong on our side. Please try it again.

# mine
mine = 📋 <b>My votes</b>
mine-empty = 📋 You have not voted yet. 🎲 /goods shows what is on display.
mine-none-left = 📋 Nothing that you want waits for a group right now. 🎲 /goods shows what is on display.
mine-ended = 🍂 <b>Ended without a group</b>
mine-ended-none = 🍂 Nothing that you wanted has ended without a group.
mine-ballot-back = 🎫 your ballot is back
mine-void = ⚖️ your vote does not count
mine-line = { $state } <b>{ $title }</b>
    { $line }
mine-followed = 🔔 <b>I follow</b>
mine-followed-ended = 🔔 <b>Followed, and ended without a group</b>
mine-purse-empty = You have no ballots: { $missing } more spent earns the next. 🔔 Follow what you like, and you are told all the same.
mine-purse = { $today ->
        [0] You can vote again { $again }, and you have
        [one] You have 1 vote left until { $until }, and
       *[other] You have { $today } votes left until { $until }, and
    } { $ballots ->
        [one] 1 ballot
       *[other] { $ballots } ballots
    }.
state-on_display = on display until { $moment } · { $wants ->
    [one] { $number } person wants it
   *[other] { $number } people want it
}
state-displayed = the organiser is choosing · { $wants ->
    [one] { $number } person wants it
   *[other] { $number } people want it
}
state-sampled = samples are being looked at
state-reviewed = the final review is done
state-scheduled = the group opens { $moment }
state-open = the group is open
state-rejected = it did not make it to a group
state-expired = its time is over without a group
state-passed = comes back on display soon
state-passed-banned = comes back on display, not before { $moment }
back-on-display = on display again until { $moment }, with a new count
back-since = came back since: { $state }

# notifications
notification-carousel = ☀️ <b>Today's goods are here</b>
notification-group-scheduled = 🗓 <b>Your group is coming!</b>

    { $title }
    It opens <b>{ $moment }</b>, in { $span }.
notification-group-scheduled-again = 🗓 You will be told again before it opens.
notification-group-corrected = 🗓 <b>The time has changed</b>

    { $title }
    The group now opens <b>{ $moment }</b>, in { $span }.
notification-group-soon = ⏰ <b>Your group opens in { $span }</b>

    { $title }
    <b>{ $moment }</b>
notification-group-open = 🎉 <b>Your group is open!</b>

    { $title }
    Expected price { $price }
notification-item-relisted = 🔁 <b>Back on display</b>

    { $title }
    You voted for it before. If you still want it, vote again: it counts anew.
notification-item-rejected = 🍂 <b>No group this time</b>

    { $title }
    { $why }
notification-item-rejected-sample = Its samples were not as good as you deserve.
notification-item-rejected-qualification = Its shop could not show all the papers that a group needs.
notification-item-rejected-price = No price was found that we could recommend to you.
notification-item-rejected-quantity = There is not enough of it for everybody who wants it.
notification-item-rejected-time = It could not be ready in time.
notification-item-rejected-cancelled = The group that you were told of will not open.
notification-item-expired = 🍂 <b>No group this time</b>

    { $title }
    Two weeks have passed since its round, and it was not chosen.
notification-ballot-back = 🎫 Your ballot is back: you can vote with it again.
notification-ended-thanks = Thank you for saying what you want: it shows us and the shops where to look.
notification-grant = 🎁 <b>{ $number ->
        [one] You were given 1 ballot
       *[other] You were given { $number } ballots
    }</b>

    { $reason }
notification-grant-corrected = 🎁 <b>A gift to you was corrected: { $before } → { $number } { $number ->
        [one] ballot
       *[other] ballots
    }</b>

    { $reason }
notification-milestone = 📣 <b>{ $number ->
        [one] The first vote came by your link!
       *[other] { $number } votes came by your link!
    }</b>

    { $title }

# settings
settings = ⚙️ <b>Settings</b>

    Quiet hours: <b>{ $quiet }</b>. No daily goods are sent then{ $alerts ->
        [yes] , and no alerts either
        [off] . Group alerts are off, so none come at any hour
       *[no] . The first alert of a group waits too if there is time; the others come at any hour
    }.
settings-quiet-none = none
settings-carousel-on = ☀️ Daily goods: on
settings-carousel-off = ☀️ Daily goods: off
settings-alerts-on = 🔔 Group alerts: on
settings-alerts-off = 🔔 Group alerts: off
settings-quiet = 🌙 Quiet hours: { $quiet }
settings-alerts-quiet-on = 🌙 Alerts wait too: yes
settings-alerts-quiet-off = 🌙 Alerts wait too: no
settings-name-on = 😊 My first name for friends: shown
settings-name-off = 😊 My first name for friends: hidden
settings-language-zh = 中文
settings-language-en = English
settings-chosen = ● { $name }
settings-saved = Saved.
settings-quiet-choose = 🌙 <b>When shall it be quiet?</b>
    Or write two times, such as 23:00-07:30.
settings-never-quiet = ⚙️ <b>Settings</b>

    Quiet hours: <b>none</b>. Messages come at any hour.
settings-quiet-bad = Those were not two times of day. Please write them as 23:00-07:30.
settings-quiet-off = Never quiet
settings-quiet-saved = 🌙 Quiet hours: { $quiet }.

# privacy
privacy = 🔒 <b>What is stored about you</b>

    Your Telegram ID, first name and language; your settings; what you spent, as the shops report it; your votes with their receipts, follows and links; which cards you were shown; which messages were sent to you. Shops see numbers, never names. Friends who open your link do not see who made it, unless you chose to show your first name.

    If something that you send fails on our side, we may keep it for two weeks, so that we can mend what went wrong.

    You can take all of it with you, or have it deleted. When it is deleted, counts stay, and nobody can tell any more whose they were.

    So that nothing is had or counted twice, we may keep a fingerprint of your Telegram ID after that, with the goods on display that you voted for, were shown, or came to by a friend's link, and with today's votes. It goes when what is on display today has gone; if you were given ballots as a welcome, after a year. As evidence against bought votes, each of your votes keeps the rough range of your ID, as a fingerprint, until a week after its round.

    { $hours ->
        [0] Copies of the database, made in case it is lost, hold what is deleted until they are replaced.
       *[other] The database is copied every hour, in case it is lost. A copy holds what is deleted until it is replaced, after about { $hours } hours.
    }
button-privacy-export = 📦 Take my data
button-privacy-delete = 🗑 Delete my data
button-privacy-really = 🗑 Yes, delete everything
privacy-ask = Really? Your ballots, links and settings would be gone for good, and nobody could tell any more which votes were yours.
privacy-deleted = Done: your data is gone. So that nothing is had or counted twice, a fingerprint of your Telegram ID may stay for a while; /privacy says for how long. /start begins anew.
privacy-file = 📦 Everything that is stored about you, for programs. The text file above it is for people.
privacy-list = What is stored about you, { $moment }
privacy-list-spendings = What you spent
privacy-list-grants = Ballots that you were given
privacy-list-votes = Your votes
privacy-list-follows = What you follow
privacy-list-links = Your links for friends
privacy-list-none = - nothing
privacy-list-taken-back = {" · "}taken back { $moment }
privacy-list-returned = {" · "}no group came of it; your ballot came back { $moment }
privacy-list-numbers = Besides: { $shown ->
        [one] 1 good that you were shown
       *[other] { $shown } goods that you were shown
    }, { $messages ->
        [one] 1 message to you
       *[other] { $messages } messages to you
    }, { $prepared ->
        [one] 1 link that was only prepared for a card
       *[other] { $prepared } links that were only prepared for cards
    }.

# the menu
command-goods = Goods on display
command-mine = My votes
command-canvass = My links for friends
command-settings = Settings
command-help = How it works
command-privacy = What is stored about me
command-desk = The organiser's desk
about-short = Say what you want, and a group opens for it.
about = Members vote each day for the goods that they want a group purchase for. Before its group opens, those who voted are told first.
