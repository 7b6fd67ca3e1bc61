-- Rows in every table of a journal of version 3. The newest event, delivery and attempt (50, 60, 70) are gone.
INSERT INTO revisions VALUES (1, 1700000000000, '{"routes": []}');
INSERT INTO endpoints (key, id, name, host, address_hash, delivered, dead, queued, total_delivered, total_dead) VALUES
    (1, 'c', 'c-name', 'c.example', x'07', 1, 0, 0, 1, 0),
    (2, 'b_c', 'b-name', 'b.example', x'07', 0, 1, 1, 0, 1);
INSERT INTO events (seq, id, type, accepted_at, body, digest, origin, kept_from) VALUES
    (50, 'gone', 'agent.error', 1, '{}', x'00', NULL, 1),
    (1, 'a_b', 'agent.error', 1700000000000, '{"id":"a_b","type":"agent.error","timestamp":"2026-11-22T10:00:00Z"}', x'00', NULL, 1700000000000),
    (2, 'a', 'agent.error', 1700000000001, '{"id":"a","type":"agent.error","timestamp":"2026-11-22T10:00:00Z"}', x'00', 'a_b', 1700000000001),
    (3, 'e3', 'agent.error', 1700000000002, '{"id":"e3","type":"agent.error","timestamp":"2026-11-22T10:00:00Z"}', x'00', NULL, 1700000000002);
INSERT INTO deliveries (seq, id, event, endpoint, state, position, due_at, change, created_at, changed_at, attempts, tries, reason,
        last_status, last_error, last_ms, last_outcome, last_trigger, body_hash) VALUES
    (60, 'gone_c', 50, 1, 3, 60, 0, 60, 1, 1, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (1, 'a_b_c', 1, 1, 3, 1, 0, 4, 1700000000000, 1700000000003, 1, 1, NULL, 200, NULL, 31, 0, 0, x'0102'),
    (2, 'a_b_c_1b5f33b5', 2, 2, 4, 2, 0, 5, 1700000000001, 1700000000004, 1, 1, 1, 404, 'Not Found', 12, 1, 0, NULL),
    (3, 'e3_b_c', 3, 2, 0, 3, 0, 6, 1700000000002, 1700000000005, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO attempts (seq, delivery, number, started_at, trigger, outcome, status, error, duration_us, request_headers, request_body) VALUES
    (70, 60, 1, 1, 0, 0, 200, NULL, 1, NULL, NULL),
    (1, 1, 1, 1700000000003, 0, 0, 200, NULL, 31000, '[["X","y"]]', x'7b7d'),
    (2, 2, 1, 1700000000004, 0, 1, 404, 'Not Found', 12000, '[["X","y"]]', x'');
DELETE FROM attempts WHERE seq = 70;
DELETE FROM deliveries WHERE seq = 60;
DELETE FROM events WHERE seq = 50;
INSERT INTO log (seq, at, level, source, text) VALUES (90, 1700000000000, 0, 'engine', 'an old line');
INSERT INTO orders (seq, at, who, kind, endpoint) VALUES (7, 1700000000000, 'me', 'pause', 1);
INSERT INTO acts (seq, at, who, kind, text, count) VALUES (4, 1700000000000, 'me', 'retry', 'retry 1 dead letter of b-name', 1);
INSERT INTO act_rows VALUES (4, 3, 6, 5, 0, 3, 1700000000002);
INSERT INTO rollups (minute, endpoint, accepted, delivered, failed) VALUES (28333333, 1, 1, 1, 0);
UPDATE meta SET value = 6 WHERE key = 'change';
