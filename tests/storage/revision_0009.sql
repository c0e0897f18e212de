-- A database as revision 0009 left it: votes for a good on display and for two whose round is over, a welcome grant,
-- an erased member of whom a hash and a past vote are kept.
-- Tuesday, 24 November 2026; moments in UTC.

INSERT INTO members (id, chat_id, first_name, language, app_language, carousel_on, alerts_on, alerts_quiet, show_name,
    quiet_hours, unreachable, joined_at, seen_at, erased_at, erased_hash, welcomed_at) VALUES
    (1, 1001, 'Ann', 'en', 'en', TRUE, TRUE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL, '2026-11-01 00:00:00'),
    (2, NULL, '', NULL, NULL, FALSE, FALSE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', '2026-11-23 00:00:00', 'a-hash', NULL),
    (9, 1009, 'Olga', 'en', 'en', TRUE, TRUE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL, NULL);

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

INSERT INTO votes (id, item_id, member_id, cast_at, cast_by, day, slot, taken_back_at, taken_back_by) VALUES
    (1, 1, 1, '2026-11-23 01:00:00', 1, '2026-11-23', 1, NULL, NULL),
    (2, 2, 1, '2026-11-23 01:00:00', 2, '2026-11-23', 2, NULL, NULL),
    (3, 3, 1, '2026-11-24 01:00:00', 3, '2026-11-24', 1, '2026-11-24 01:01:00', 4),
    (4, 3, 1, '2026-11-24 01:02:00', 5, '2026-11-24', 1, NULL, NULL),
    (5, 2, 2, '2026-11-23 01:00:00', 6, '2026-11-23', 1, NULL, NULL);

INSERT INTO past_votes (member_id, item_id, day, slot) VALUES (2, 2, '2026-11-23', 1);

INSERT INTO grants (id, key, member_id, ballots, reason, actor, at) VALUES
    (1, 'welcome:1', 1, 1, 'welcome', 'rules', '2026-11-01 00:00:00'),
    (2, NULL, 1, 2, 'Thank you', 'command', '2026-11-02 00:00:00');

INSERT INTO jobs (id, key, kind, member_id, payload, state, attempts, enqueued_at, available_at, held_by) VALUES
    (4, 'k', 'export', 1, '{}'{json}, 'done', 1, '2026-11-24 00:00:00', '2026-11-24 00:00:00', NULL);
