-- A database as revision 0007 left it: rows of the tables that revision 0008 changes, and of those they refer to.
-- Tuesday, 24 November 2026; moments in UTC. {empty} is an empty binary value.

INSERT INTO members (id, chat_id, first_name, language, app_language, carousel_on, alerts_on, alerts_quiet, show_name,
    quiet_hours, unreachable, joined_at, seen_at, erased_at, erased_hash) VALUES
    (1, 1001, 'Ann', 'en', 'en', TRUE, TRUE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL),
    (2, NULL, '', NULL, NULL, FALSE, FALSE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', '2026-11-23 00:00:00', 'a-hash'),
    (9, 1009, 'Olga', 'en', 'en', TRUE, TRUE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL);

INSERT INTO shops (id, name) VALUES (1, '小店');

INSERT INTO pictures (id, digest, content, width, height, wanted_at) VALUES
    (1, 'd', {empty}, 4, 3, '2026-11-01 00:00:00');

INSERT INTO rounds (id, opens_at, closes_at, special, opened_at, closed_at) VALUES
    (1, '2026-11-23 00:00:00', '2026-11-24 00:00:00', FALSE, '2026-11-23 00:00:00', '2026-11-24 00:00:00'),
    (2, '2026-11-24 00:00:00', '2026-11-25 00:00:00', FALSE, '2026-11-24 00:00:00', NULL);

INSERT INTO items (id, ref, listing_number, shop_id, title, title_en, category, original_fen, expected_fen, stock,
    lead_days, url, picture_id, description, description_en, state, round_id, passed_at, wants, shown, head_start) VALUES
    (1, 'g1', 1, 1, '宝贝', 'Thing', 'food', 200, 100, 5, 2, 'https://shop.example.com/1', 1, '', '', 'rejected', 1, '2026-11-20 00:00:00', 1, 9, 0),
    (2, 'g2', 1, 1, '别的', 'Other', 'home', 200, 100, 5, 2, 'https://shop.example.com/2', 1, '', '', 'displayed', 1, '2026-11-20 00:00:00', 2, 9, 0),
    (3, 'g3', 1, 1, '第三', 'Third', 'home', 200, 100, 5, 2, 'https://shop.example.com/3', 1, '', '', 'on_display', 2, '2026-11-23 00:00:00', 1, 9, 0);

INSERT INTO item_steps (id, item_id, state, at, actor, reason) VALUES
    (1, 1, 'rejected', '2026-11-24 00:30:00', '1009', 'price');

INSERT INTO spendings (id, ref, telegram_id, amount_fen, spent_on) VALUES
    (1, 'o-1', 1001, 60000, '2026-11-02'),
    (2, 'o-2', 0, 20000, '2026-11-03'),
    (3, 'o-3', 1077, 30000, '2026-11-04');

INSERT INTO grants (id, key, member_id, ballots, reason, actor, at) VALUES
    (1, 'welcome:1', 1, 1, 'welcome', 'rules', '2026-11-01 00:00:00'),
    (2, NULL, 1, 2, 'Thank you', 'command', '2026-11-02 00:00:00');

INSERT INTO votes (id, item_id, member_id, cast_at, cast_by, day, slot, taken_back_at, taken_back_by) VALUES
    (1, 1, 1, '2026-11-23 01:00:00', 1, '2026-11-23', 1, NULL, NULL),
    (2, 2, 1, '2026-11-23 01:00:00', 2, '2026-11-23', 2, NULL, NULL),
    (3, 3, 1, '2026-11-24 01:00:00', 3, '2026-11-24', 1, '2026-11-24 01:01:00', 4),
    (4, 3, 1, '2026-11-24 01:02:00', 5, '2026-11-24', 1, NULL, NULL),
    (5, 2, 2, '2026-11-23 01:00:00', 6, '2026-11-23', 1, NULL, NULL);

INSERT INTO bound_chats (id, chat_id, channel, language, bound_at) VALUES
    (1, -1001, FALSE, 'zh', '2026-11-20 00:00:00'),
    (2, -1002, TRUE, NULL, '2026-11-20 00:00:00');

INSERT INTO shared_cards (id, inline_id, bound_chat_id, message_id, item_id, link_id, look, shown, free_at, tapped_at, over) VALUES
    (1, NULL, 1, 55, 3, NULL, 'zp', 1, '2026-11-24 00:00:00', '2026-11-24 00:00:00', FALSE);
