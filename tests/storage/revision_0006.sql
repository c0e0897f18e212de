-- A database as revision 0006 left it: rows of every table and every stored word that revision 0007 converts.
-- Tuesday, 24 November 2026; moments in UTC. {empty} is an empty binary value, {json} the cast that JSON needs.

INSERT INTO members (id, chat_id, first_name, language, app_language, carousel_on, alerts_on, alerts_quiet, show_name,
    quiet_hours, unreachable, joined_at, seen_at, forgotten_at, ghost) VALUES
    (1, 1001, 'Ann', 'en', 'en', TRUE, TRUE, TRUE, FALSE, '22:00-08:00', NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL),
    (2, 1002, 'Bob', NULL, 'zh', TRUE, TRUE, FALSE, FALSE, NULL, 'blocked', '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL),
    (3, NULL, '', NULL, NULL, FALSE, FALSE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', '2026-11-23 00:00:00', 'a-hash'),
    (9, 1009, 'Olga', 'en', 'en', TRUE, TRUE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL);

INSERT INTO shops (id, name) VALUES (1, '小店');

INSERT INTO pictures (id, digest, content, width, height, wanted_at) VALUES
    (1, 'd', {empty}, 4, 3, '2026-11-01 00:00:00');

INSERT INTO rounds (id, opens_at, closes_at, special, opened_at, closed_at) VALUES
    (1, '2026-11-23 00:00:00', '2026-11-24 00:00:00', FALSE, '2026-11-23 00:00:00', '2026-11-24 00:00:00'),
    (2, '2026-11-24 00:00:00', '2026-11-25 00:00:00', FALSE, '2026-11-24 00:00:00', NULL);

INSERT INTO items (id, ref, turn, shop_id, title, title_en, category, original_fen, expected_fen, stock, lead_days, url,
    picture_id, description, description_en, state, round_id, passed_at, wants, shown, head_start) VALUES
    (1, 'g1', 1, 1, '宝贝', 'Thing', 'food', 200, 100, 5, 2, 'https://shop.example.com/1', 1, '', '', 'lapsed', 1, '2026-11-20 00:00:00', 1, 9, 0),
    (2, 'g1', 2, 1, '宝贝', 'Thing', 'food', 200, 100, 5, 2, 'https://shop.example.com/1', 1, '', '', 'on_display', 2, '2026-11-23 00:00:00', 1, 3, 2),
    (3, 'g2', 1, 1, '别的', 'Other', 'home', 200, 100, 5, 2, 'https://shop.example.com/2', 1, '', '', 'out', 1, '2026-11-20 00:00:00', 1, 9, 0),
    (4, 'g3', 1, 1, '第三', 'Third', 'home', 200, 100, 5, 2, 'https://shop.example.com/3', 1, '', '', 'scheduled', 1, '2026-11-20 00:00:00', 1, 9, 0);

INSERT INTO item_steps (id, item_id, state, at, actor, reason) VALUES
    (1, 1, 'lapsed', '2026-11-23 01:00:00', 'command', 'comes back'),
    (2, 3, 'out', '2026-11-23 01:00:00', '1009', 'price');

INSERT INTO votes (id, item_id, member_id, cast_at, cast_by, day, slot) VALUES
    (1, 1, 1, '2026-11-23 01:00:00', 1, '2026-11-23', 0),
    (2, 2, 1, '2026-11-24 01:00:00', 2, '2026-11-24', 0),
    (3, 3, 1, '2026-11-23 01:00:00', 3, '2026-11-23', 1),
    (4, 4, 1, '2026-11-23 01:00:00', 4, '2026-11-23', 2);

INSERT INTO groups (id, item_id, opens_at, url, revision, actor, scheduled_at) VALUES
    (1, 4, '2026-11-25 12:00:00', 'https://shop.example.com/group', 1, '1009', '2026-11-24 00:00:00');

INSERT INTO campaigns (id, kind, subject, revision, due_at, expires_at, state, cursor, queued, reason) VALUES
    (1, 'group-scheduled', 1, 1, '2026-11-24 00:00:00', '2026-11-25 12:00:00', 'queued', 9, 8, NULL),
    (2, 'item-out', 3, 1, '2026-11-24 00:01:00', '2026-11-27 00:00:00', 'paused-queued', 9, 2, 'TelegramBadRequest: Telegram server says - Bad Request: message is too long'),
    (3, 'item-lapsed', 1, 1, '2026-11-24 00:02:00', '2026-11-27 00:00:00', 'waiting', 0, 0, NULL),
    (4, 'item-back', 2, 1, '2026-11-24 00:03:00', '2026-11-25 00:00:00', 'paused', 0, 0, NULL),
    (5, 'carousel', 1, 1, '2026-11-23 00:00:00', '2026-11-24 00:00:00', 'queued', 9, 9, NULL);

INSERT INTO letters (id, kind, subject, revision, member_id, priority, policy, not_before, expires_at, state, reason,
    attempts, doubts, fence, leased_until, sent_at, message_id) VALUES
    (1, 'group-scheduled', 1, 1, 1, 0, 'resend', '2026-11-24 00:00:00', '2026-11-25 12:00:00', 'pending', NULL, 0, 0, 0, NULL, NULL, NULL),
    (2, 'delivery-stopped', 2, 1, 9, 0, 'resend', '2026-11-24 00:00:01', '2026-11-27 00:00:00', 'pending', 'TelegramBadRequest: Telegram server says - Bad Request: wrong file identifier', 1, 0, 1, NULL, NULL, NULL),
    (3, 'group-scheduled', 1, 1, 9, 0, 'resend', '2026-11-24 00:00:00', '2026-11-25 12:00:00', 'claimed', NULL, 0, 0, 1, '2026-11-24 00:01:00', NULL, NULL),
    (4, 'item-back', 2, 1, 1, 5, 'resend', '2026-11-24 00:00:00', '2026-11-25 00:00:00', 'inflight', NULL, 1, 1, 1, '2026-11-24 00:01:00', NULL, NULL),
    (5, 'item-out', 3, 1, 1, 5, 'resend', '2026-11-24 00:00:00', '2026-11-27 00:00:00', 'paused', NULL, 0, 0, 0, NULL, NULL, NULL),
    (6, 'item-out', 3, 1, 9, 5, 'resend', '2026-11-24 00:00:00', '2026-11-27 00:00:00', 'dead', 'TelegramBadRequest: Telegram server says - Bad Request: message is too long', 1, 0, 1, NULL, NULL, NULL),
    (7, 'item-lapsed', 4, 1, 1, 5, 'resend', '2026-11-24 00:00:00', '2026-11-27 00:00:00', 'sent', NULL, 1, 0, 1, NULL, '2026-11-24 00:00:05', 77),
    (8, 'item-lapsed', 4, 1, 9, 5, 'resend', '2026-11-24 00:00:00', '2026-11-27 00:00:00', 'unknown', 'the sender stopped before the answer came', 2, 1, 2, NULL, NULL, NULL),
    (11, 'carousel', 1, 1, 1, 9, 'hold', '2026-11-23 00:00:00', '2026-11-24 00:00:00', 'suppressed', 'carousels are off', 0, 0, 1, NULL, NULL, NULL),
    (12, 'carousel', 1, 1, 2, 9, 'hold', '2026-11-23 00:00:00', '2026-11-24 00:00:00', 'suppressed', 'TelegramForbiddenError: Telegram server says - Forbidden: bot was blocked by the user', 1, 0, 1, NULL, NULL, NULL),
    (13, 'carousel', 1, 1, 9, 9, 'hold', '2026-11-23 00:00:00', '2026-11-24 00:00:00', 'suppressed', NULL, 0, 0, 1, NULL, NULL, NULL),
    (14, 'carousel', 1, 1, 3, 9, 'hold', '2026-11-23 00:00:00', '2026-11-24 00:00:00', 'expired', NULL, 0, 0, 0, NULL, NULL, NULL),
    (15, 'group-scheduled', 1, 1, 2, 0, 'resend', '2026-11-24 00:00:00', '2026-11-25 12:00:00', 'cancelled', 'the time was changed', 0, 0, 0, NULL, NULL, NULL);

INSERT INTO letter_counts (round_id, state, reason, number) VALUES
    (1, 'sent', '', 40),
    (1, 'suppressed', 'blocked', 2),
    (1, 'suppressed', 'TelegramForbiddenError: Telegram server says - Forbidden: bot was blocked by the user', 3),
    (1, 'suppressed', 'the member left', 1),
    (1, 'suppressed', 'nothing is on display any more', 1);

INSERT INTO errands (id, key, kind, member_id, about, state, tries, left_at, free_at) VALUES
    (1, 'poster 5', 'poster', 1, '{"item": 2, "alone": true, "wechat": false}'{json}, 'waiting', 0, '2026-11-24 01:59:00', '2026-11-24 01:59:00'),
    (2, 'look 9 31', 'look', 9, '{"file": "F"}'{json}, 'done', 1, '2026-11-24 01:00:00', '2026-11-24 01:01:00'),
    (3, 'store 2', 'store', 9, '{"file": "F", "good": true, "chat": 1009, "message": 32, "excused": 1}'{json}, 'waiting', 2, '2026-11-24 01:58:00', '2026-11-24 02:01:00'),
    (4, 'table 6', 'table', 9, '{"which": "votes"}'{json}, 'lapsed', 0, '2026-11-20 00:00:00', '2026-11-20 00:00:00');

INSERT INTO conversations (key, state, data) VALUES
    ('1009:1009:7', 'Asking:opening', '{"item": 4, "page": 1}'{json}),
    ('1008:1008:7', 'Asking:gift', '{}'{json}),
    ('1001:1001:7', 'Asking:quiet_hours', '{}'{json});

INSERT INTO asides (id, update_id, person_id, content, error, attempts, at) VALUES
    (1, 500, 1001, '{"update_id": 500}'{json}, 'TelegramForbiddenError: Telegram server says - Forbidden: bot was kicked from the group chat', 5, '2026-11-24 00:00:00'),
    (2, 501, 1001, '{"update_id": 501}'{json}, 'KeyError: ''message''', 5, '2026-11-24 00:00:00');

INSERT INTO facts (name, value) VALUES
    ('hold', '2026-11-24T01:30:00+00:00'),
    ('turns', '1795831200.0'),
    ('turns-paid', '1795831200.5 1795831199.0'),
    ('place', 'somewhere'),
    ('display', 'abcdef'),
    ('ghost_key', '00ff'),
    ('card_key', 'ff00'),
    ('demo', 'yes'),
    ('clock_offset', '60'),
    ('pulse 0011223344556677', '2026-11-24T01:30:00+00:00');
