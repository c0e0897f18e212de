# What members, and friends who come by their links, read about canvassing: the screen, the poster, the web page.

# the screen
canvass = 📣 <b>{ $title }</b>

    Your own link for friends:
    { $link }
canvass-chat-link = Straight into this chat:
    { $link }
canvass-came = { $opens ->
        [0] Whoever opens it sees this good at once and can vote. Nobody has opened it yet.
        [one] 👀 1 friend opened it
       *[other] 👀 { $opens } friends opened it
    }{ $votes ->
        [0] { "" }
        [one] {" "}→ 1 vote
       *[other] {" "}→ { $votes } votes
    }
canvass-next = 🎯 You will be told at { $number } { $number ->
        [one] vote
       *[other] votes
    }.
canvass-top = 🏅 Most votes by friends: { $names }
canvass-named = Friends read your first name on it: { $name }. ⚙️ /settings
canvass-nameless = Friends cannot see whose link it is. ⚙️ /settings
canvass-over = ⌛️ Voting for it is over. The link still shows it.
canvass-scheduled = 🗓 The group opens { $moment }. Friends who open the link can follow it, and are told in time.
canvass-open = 🎉 The group is open: the link leads friends to it.
canvass-share-scheduled = The group for this opens { $moment }: { $title } for { $price }. Tap the link and follow it to be told in time.
canvass-share-open = The group for this is open: { $title } for { $price }. Tap the link to join.
canvass-share-text = Look at this: { $title } for { $price }{ $saved ->
        [0] { "" }
       *[other] {" "}instead of { $original }
    }, if enough people want it. Do you? Tap the link to vote.
canvass-share-over = Look at this: { $title } for { $price }{ $saved ->
        [0] { "" }
       *[other] {" "}instead of { $original }
    }.
canvass-wechat = Send this picture in WeChat, or post it in Moments: a friend who presses and holds the code sees the good and can vote.
canvass-renew-ask = ♻️ The old link will still show this good, but from then on it counts for nobody. What came by it stays yours. A new one?
canvass-renewed = This is your new link. The old one counts for nobody any more.

canvass-mine = 📣 <b>My links</b>
canvass-mine-empty = 📣 You have no links yet. Tap 📣 on a good that you want, and ask your friends.
canvass-mine-line = <b>{ $title }</b>
    { $opens ->
        [one] 1 friend
       *[other] { $opens } friends
    } → { $votes ->
        [one] 1 vote
       *[other] { $votes } votes
    }

button-card = 💬 A card to vote on, in a chat
button-more = 🌐 More ways
button-poster = 🖼 The picture alone
button-renew = ♻️ New link
button-renew-really = ♻️ Yes, a new link
network-weibo = Weibo
network-wechat = WeChat
network-whatsapp = WhatsApp
network-x = X
network-facebook = Facebook

# who comes by a link
start-by-friend = A friend asks for your vote. Would you want this group?
start-by-named-friend = { $name } asks for your vote. Would you want this group?
start-late-link = A friend wanted you to see this.
start-own-link = This is your own link. Friends see this good by it; you yourself do not count.

# the poster
poster-brand = I want to group
poster-label = expected price
poster-original = was { $price }
poster-wants = { $number ->
    [0] Be the first to want it
    [one] Someone wants it already
   *[other] { $count } people want it already
}
poster-call = Would you want it?
poster-call-named = { $name } asks for your vote
poster-found = A find for you
poster-found-named = A find for you from { $name }
poster-how = Scan, have a look, and vote
poster-how-late = Scan and have a look
poster-until = Vote until { $moment }
poster-over = Voting is over
poster-scheduled = The group opens { $moment }
poster-open = The group is open

# the web page
page-brand = I want to group
page-title = { $title }: { $price }{ $saved ->
        [0] { "" }
       *[other] {" "}instead of { $original }
    }
page-description = { $number ->
    [0] Nobody has asked for it yet: be the first. When enough people want it, its group opens.
    [one] 1 person wants it. When enough people do, its group opens.
   *[other] { $count } people want it. When enough do, its group opens.
}
page-asks = A friend asks: would you want it?
page-asks-named = { $name } asks: would you want it?
page-expected = expected price
page-original = original price
page-wants = { $number ->
    [0] Nobody has asked for it yet
    [one] person wants it
   *[other] people want it
}
page-left = { $span } left to vote
page-until = until { $moment }
page-vote = 🙋 I want this group
page-vote-how = Opens the chat in Telegram. Voting is not buying.
page-follow = 🔔 Be told in Telegram
page-follow-how = Opens the chat in Telegram, where you can follow it.
page-today = 🎲 See today's goods
page-today-how = Opens the chat in Telegram.
page-scan = Scan with your phone
page-over = This round is over
page-over-more = Votes for it are closed, and the organiser is choosing. The next goods come { $moment }.
page-scheduled = The group opens { $moment }
page-scheduled-more = Enough people wanted it. Follow it in the chat, and you will be told in time.
page-group = 🛒 To the group
page-group-how = Opens the page of the shop.
page-open = The group is open
page-open-more = Enough people wanted it, and now it can be bought.
page-ended = It did not make it to a group
page-ended-more = There is more to want: the next goods come { $moment }.
page-lost = This link leads nowhere
page-lost-more = Perhaps a character is missing at its end. There is a lot to look at all the same.
page-busy = One moment please
page-busy-more = Something went wrong on our side. Please load the page again in a moment.
page-quiet = This page sets no cookies and does not know who you are.
page-photo = Photo: { $title }
