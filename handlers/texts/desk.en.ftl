# What organisers read, in the chat and in the terminal.

button-desk = 🏪 Desk
button-ranking = 🏆 Ranking
button-import = 📥 Import goods
button-table-ranking = 📄 Ranking
button-table-votes = 📄 Votes
button-workbook-ranking = 📊 Ranking (Excel)
button-workbook-votes = 📊 Votes (Excel)
button-template = 📄 Template for goods
button-template-spending = 📄 Template for spending
button-special = ⏩ Open a special round now
button-opens-at = 🗓 { $moment }
button-other-time = ✍️ Another time
button-again = 🔁 Show again in the next round
button-reject = 🍂 No group
button-late = 🗓 Schedule it all the same
button-days = 📅 Calendar
button-grant = 🎁 Give ballots
button-store = 📥 Import { $number ->
    [one] 1 good
   *[other] { $number } goods
}
button-store-good = 📥 Import only the { $number ->
    [one] row that is right
   *[other] { $number } rows that are right
}

desk = 🏪 <b>Desk</b>

    On display: <b>{ $on_display }</b>
    Waiting for the next round, { $next }: <b>{ $waiting }</b>{ $kept_back ->
        [0] {""}
       *[other] {" "}· 🔒 { $kept_back } of banned shops wait longer
    }
    Members: <b>{ $members }</b>

    Messages: { $queued } on their way, { $sent } sent, { $unreachable } not wanted or unreachable, { $failed } failed or expired
desk-ranking = 🏆 <b>What members want</b>
desk-ranking-empty = 🏆 Nothing was on display yet.
desk-set-aside = { " " }· 🔍 { $number } set aside
desk-ranking-line = { $place }. <b>{ $title }</b> · { $price }
    🙋 { $wants }{ $set_aside } · 🔔 { $told } would be told
desk-ranking-scheduled = {" "}· 🗓 { $moment }
desk-item = <b>{ $title }</b>
    { $shop } · <code>{ $ref }</code>

    🙋 { $wants ->
        [one] 1 vote
       *[other] { $wants } votes
    }{ $set_aside } · seen in the carousel by { $shown }
    Expected price { $price } · { $stock } in stock, ready in { $days }
    Opens: { $opens }
desk-item-no-time = not decided yet
desk-item-when = When shall its group open?
desk-item-open = 🎉 Its group is open.
desk-item-rejected = 🍂 It was decided that no group opens for it.
desk-item-expired = 🍂 Nobody decided on it in time, so no group opens for it.
desk-item-banned = 🔒 Its shop is banned until { $moment }: it cannot come back on display before.
desk-item-came-back = 🔁 It came back as a new listing, with a count of its own.
desk-item-refused = 🍂 It did not pass the audit, so no group opens for it.
desk-ask-time = 🗓 <b>{ $title }</b>
    When shall its group open? Write it as <code>2026-12-01 10:00</code>.
desk-ask-clock = 🗓 <b>{ $title }</b>
    At what time on { $day }? Write it as <code>10:00</code>.
desk-bad-time = I did not understand that time.
desk-scheduled = 🗓 <b>{ $title }</b>
    opens { $moment }.
desk-replaces = ↪️ Until now it was to open { $moment }: those who were told are told of the new time.
desk-replaced = ↪️ It was to open { $moment }.
desk-voting-ends = 🙋 Voting for it ends now.
desk-told-nobody = Nobody waits to be told of it.
desk-told-now = 🔔 { $number ->
    [one] 1 person is told at once.
   *[other] { $number } people are told at once.
}
desk-told-later = 🌙 { $number ->
    [one] 1 person is told after their quiet hours ({ $moment }).
   *[other] { $number } people are told after their quiet hours (from { $moment } on).
}
desk-told-never = ⌛ { $number ->
    [one] 1 person is not told: their quiet hours end too late.
   *[other] { $number } people are not told: their quiet hours end too late.
}
desk-told-again = They are told again { $lead } before, and at the opening.
desk-told-again-soon = They are told again at the opening.
desk-address-changed = Only its page has changed, so nobody is told; the alerts to come lead to the new one.
desk-late = 🗓 <b>{ $title }</b>
    { $moment }
desk-scheduled-before = 🗓 <b>{ $title }</b>
    was scheduled for { $moment } already; nothing has changed.
desk-does-not-fit = ⚠️ So many alerts cannot all be sent in time, here or for other groups. A later time would reach everybody.
desk-or-pay = Or pay ⭐ { $stars } at most in 📨, and all are told in time.
desk-again = 🔁 It comes back in the next round, with a new count.
desk-not-again = It cannot come back: only a good whose round is over can, once, and not while its shop is banned.
desk-reject = 🍂 <b>{ $title }</b>
    No group opens for it? Its voters are told why, and that cannot be undone. What is the reason?
rejection-sample = Samples
rejection-qualification = Papers of the shop
rejection-price = Price
rejection-quantity = Quantity
rejection-time = Time to prepare
desk-rejected = 🍂 { $title }: no group opens. { $told ->
        [0] Nobody waits to be told why.
        [one] 1 person is told why.
       *[other] { $told } people are told why.
    }
not-rejected-unknown-item = There is no such good.
not-rejected-open-already = Its group is open already.
not-rejected-ended = It has ended already.
desk-days = 📅 <b>When rounds open</b>

    🟢 a round opens at { $opens }, and stays until the next one · ⚪️ none opens
    ✍️ decided here, not by the calendar
    Tap a day to change it.
day-working = 🟢 { $day } · { $hours } h
day-off = ⚪️ { $day }
day-own = { $day } ✍️
desk-day-over = The opening time of that day is over.
desk-really-day = 📅 <b>{ $day }</b>
    { $goods ->
        [one] 1 good on display would close { $after } instead of { $before }.
       *[other] { $goods } goods on display would close { $after } instead of { $before }.
    } Change the day?
desk-grant-ask = 🎁 Who gets them, how many, and why? Write the Telegram ID, the number of ballots and the reason, such as <code>1234567 3 Thank you for your help</code>. They will read the reason.
desk-grant-bad = That was not an ID, a number from 1 to { $most } and a reason. Please write it as <code>1234567 3 Thank you for your help</code>.
not-granted-unknown-member = Nobody with the ID { $person } has met the bot yet. Please check the ID. If it is right, ask them to press Start first, then give the ballots again.
desk-grant-done = 🎁 { $person } was given { $number ->
    [one] 1 ballot
   *[other] { $number } ballots
} and is told why.
desk-grant-correct = To correct it, tap 🎁 again and write its number, how many it should have been, and why, such as <code>#{ $grant } 1 A slip of mine</code>.
desk-grant-corrected = 🎁 The gift to { $person } was corrected: { $before } → { $number } { $number ->
    [one] ballot
   *[other] ballots
}. They are told why.
not-granted-unknown-grant = There is no gift with the number { $person }, or its member is gone.
not-granted-repeated = { $person } was given just as many for the same reason less than ten minutes ago, so nothing was given now. To give them once more, write another reason.
not-granted-key-taken = That was used for somebody else already. Please write it once more.
desk-special = A special round is open with { $number ->
    [one] 1 good
   *[other] { $number } goods
}. { $told }
desk-nothing-waits = No goods are waiting. Import some first.
desk-only-banned-wait = The goods that wait are of banned shops, and are not displayed before their bans have ended.
desk-import = 📥 <b>Import goods</b>

    Send a CSV or Excel file (.xlsx), or a ZIP of it with its pictures. The columns:
    <code>ref,shop,title,title_en,category,original_price,expected_price,stock,lead_days,url,picture,description,description_en</code>

    Categories: apparel, fashion, shoes_bags, appliances, food, mother_baby, home, other. The picture is a file in the ZIP or an https link.
desk-template-goods = 📄 Fill in the first sheet and send the file back, or a ZIP of it with the pictures.
desk-template-spending = 📄 Fill in the first sheet. Whoever runs the bot imports it in the terminal: python -m bot spend import
template-ref = Your own identifier of the good, once in the table: tea-01
template-shop = The name of the shop, up to 100 characters
template-title = The title in Chinese, up to 100 characters
template-title-en = The title in English; may be empty
template-category = apparel, fashion, shoes_bags, appliances, food, mother_baby, home or other
template-original-price = In yuan: 168.00
template-expected-price = In yuan, not above the original price: 89.00
template-stock = How many pieces there are: 800
template-lead-days = Days to prepare them, up to 365: 5
template-url = The shop's page: https://shop.example.com/tea
template-picture = A file beside the table, packed with it in a ZIP, or an https link: tea.jpg
template-description = In Chinese, up to 800 characters; may be empty
template-description-en = In English; may be empty
template-telegram-id = The Telegram ID of the person who paid: 1234567
template-amount = In yuan, negative for a refund: 260.00
template-spent-on = The day, since 2011-01-01: 2026-11-02
template-order = Your own number of the order or of the refund, once in the table: order-88213
template-refund-of = For a refund, the number of its order; may be empty
template-goods = Goods
template-spending = Spending
template-notes = Notes
desk-file-unusable = This file cannot be used. Please send a CSV, an Excel file (.xlsx), or a ZIP (up to 20 MB) of one with its pictures. An older spreadsheet can be saved as .xlsx.
desk-previewed = 📥 <b>Looked through, nothing changed yet</b>
desk-previewed-nothing = 📥 <b>There is nothing to import</b>
desk-stored = ✅ <b>Imported</b>
desk-not-stored = ⚠️ <b>Nothing was imported</b>
desk-which-table = 📥 <b>Which table?</b> The archive has several:
desk-which-sheet = 📥 <b>Which sheet?</b> The workbook has several:
desk-which-encoding = 📥 <b>Which text is right?</b> The file can be read in two ways:
import-counts = { $new } new, { $changed } changed, { $same } as before

not-scheduled-unknown-item = There is no such good.
not-scheduled-in-the-past = That time is over already.
not-scheduled-too-far = That is more than a year ahead. Is the year right? Please choose a sooner time.
not-scheduled-not-shown-yet = It was not on display yet, so nobody could vote for it.
not-scheduled-ended = It has ended without a group, so none can be scheduled.
not-scheduled-open-already = Its group is open already.
not-scheduled-moved-meanwhile = Its group got another time meanwhile, so nothing was changed. Please look at it again.
not-scheduled-later-than-promised = That is later than two weeks after its round; members were promised sooner.

bad-line = line { $line }, { $field }: { $what }
bad-whole-line = line { $line }: { $what }
bad-more = … and { $number } more
bad-above-original = the expected price is higher than the original price
bad-duplicate-column = “{ $value }” names a column that is there already
bad-duplicate-ref = “{ $value }” stands in line { $earlier } already
bad-empty-file = the file is empty
bad-in-the-future = “{ $value }” has not come yet
bad-known-otherwise = “{ $value }” was imported before as another person's order
bad-missing = is missing
bad-missing-column = the column is missing
bad-not-a-button-url = “{ $value }” is not an address that Telegram opens from a button: it needs http:// or https:// and a name with a dot, such as https://shop.example/tea
bad-not-a-date = “{ $value }” is not a date such as 2026-11-30
bad-not-a-number = “{ $value }” is not a whole number
bad-not-a-picture = “{ $value }” is neither a file nor an https link
bad-not-a-price = “{ $value }” is not a price such as 129.00
bad-not-a-url = “{ $value }” is not a link
bad-not-csv = this is not CSV: a quotation mark does not end
bad-not-utf8 = the file is neither UTF-8 nor UTF-16, GB 18030 or Big5
bad-odd-character = there is a control character in it
bad-out-of-range = “{ $value }” is too small or too large
bad-picture-broken = “{ $value }” is not a picture that can be read
bad-picture-missing = the picture “{ $value }” was not found
bad-picture-not-https = “{ $value }” is not an https link
bad-picture-not-tried = “{ $value }” was not read, because other pictures of the table take too long
bad-picture-outside = “{ $value }” lies outside the table's folder
bad-picture-shape = “{ $value }” is too long and thin
bad-picture-too-big = “{ $value }” is larger than 10 MB
bad-picture-unreachable = “{ $value }” could not be fetched
bad-shop-banned = the shop “{ $value }” is banned until { $until }
bad-shown-already = “{ $value }” was on display already and stays as it was; use a new ref
bad-refund-is-positive = the amount of a refund is negative, such as -113.00
bad-refund-needs-ref = a refund needs a ref of its own; refund_of can name its order
bad-refund-of-another = “{ $value }” is another person's order
bad-refunded-to-another = its refund “{ $value }” is stored for another person; one of the two is wrong
bad-shortened-number = “{ $value }” has lost its last digits in a spreadsheet; format the column as text, and save it again
bad-too-early = “{ $value }” lies before 2011, when counting begins
bad-too-long = is too long
bad-too-many-rows = only the first { $value } rows of a table are read; please divide it
bad-two-encodings = the file can be read in two ways: { $value }
bad-unknown-category = “{ $value }” is not a category: apparel, fashion, shoes_bags, appliances, food, mother_baby, home, other

cli-about = { $name }: { $what }
cli-choose = Say which one, such as { $option }.
cli-file-unusable = This is no table: a CSV, an XLSX, or a ZIP of one with its pictures.
cli-pictures = Pictures
cli-outcome = { $outcome }: { $counts }
cli-with-skip-bad = { $outcome }. With --skip-bad it would be
cli-imported = Imported
cli-not-imported = Nothing was imported
cli-previewed = Looked through, nothing changed
cli-correction = line { $line }, { $ref }: { $before } → { $after }
cli-replaced = line { $line }, { $ref }: { $after } was corrected to { $before } before; this line changes nothing
cli-corrections-ask = Store { $number ->
    [one] this correction
   *[other] these { $number } corrections
}?
cli-corrections-left = The corrections were not stored. To store them, add --corrections.
cli-exists = { $file } is there already, and may be filled in: nothing was written. Choose another name.
cli-written = { $number ->
    [one] 1 row
   *[other] { $number } rows
} written to { $file }
cli-own-day-working = { $day }: a round opens, as organisers decided
cli-own-day-off = { $day }: no round opens, as organisers decided
cli-own-day-default = { $day }: the calendar decides again
cli-bad-day = “{ $value }” is not a date such as 2026-12-25
cli-bad-key = --key takes 1 to { $most } characters.
cli-key-taken = --key “{ $name }” was used for another member's ballots.
cli-grant-known = { $person } was given { $number ->
    [one] 1 ballot
   *[other] { $number } ballots
} before; nothing changed.
cli-grant-repeated = { $person } was given just as many for the same reason less than ten minutes ago. To give them once more, add --again.
cli-no-reason = Say why, with --reason: the member reads it.
cli-which-day = Choose one of --off, --working and --default.
cli-round = { $opens }  →  { $closes }   { $hours } h
cli-bad-time = “{ $value }” is not a time such as 2026-12-01T10:00+08:00
cli-no-clock = “{ $value }” is a day without a time. Add one, such as 10:00.
cli-unknown-ref = There is no good with the ref “{ $value }”.
cli-scheduled = { $title }: opens { $moment }.
cli-scheduled-before = { $title }: was scheduled for { $moment } already; nothing has changed.
cli-even-late = To schedule it all the same, add --even-late.

button-really-schedule = ✅ Yes, schedule it and tell them
button-really-schedule-silent = ✅ Yes, schedule it
button-really-day = ✅ Yes, change the day
button-really-special = ✅ Yes, open it and tell them
button-really-special-silent = ✅ Yes, open it
desk-really-schedule = 🗓 <b>{ $title }</b>
    Open the group { $moment }? It needs { $days } to prepare.
desk-really-special = ⏩ Open a special round now with { $number ->
        [one] the 1 good that waits
       *[other] the { $number } goods that wait
    }?
desk-special-nobody = Nobody takes the daily goods, so nobody is told.
desk-special-rest = Then no new goods are left for the round that opens { $next }.
desk-done-already = That is done already.
desk-under-way = ⏳ Under way. The outcome comes here.
desk-table = 📄 { $number ->
    [one] { $number } row
   *[other] { $number } rows
}
